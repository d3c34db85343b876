package io.gregor.wire;

import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A list for a large answer: each element is made when it is asked for, so that the answer is never whole in memory.
 * The last one is kept: an answer that pauses within a long element comes back to it for each piece. Safe for any
 * thread, if what makes the elements depends on nothing that changes.
 */
public final class OnDemandList<T> extends AbstractList<T> {
    private record Made<T>(int index, T element) {}

    private final int size;
    private final IntFunction<T> element;
    private volatile @Nullable Made<T> last;

    private OnDemandList(int size, IntFunction<T> element) {
        this.size = size;
        this.element = element;
    }

    /** @param element makes the element of an index */
    public static <T> List<T> of(int size, IntFunction<T> element) {
        return new OnDemandList<>(size, element);
    }

    /** The results of a function for each element of another list. */
    public static <S, T> List<T> of(List<S> source, Function<S, T> function) {
        return new OnDemandList<>(source.size(), index -> function.apply(source.get(index)));
    }

    /** The elements of several lists, one list after the other. Keeps four bytes for each of these. */
    public static <T> List<T> ofAll(List<List<T>> lists) {
        int[] ends = new int[lists.size()];
        int end = 0;
        for (int i = 0; i < ends.length; i++) {
            end = Math.addExact(end, lists.get(i).size());
            ends[i] = end;
        }
        return new OnDemandList<>(end, index -> {
            int list = firstBeyond(ends, index);
            return lists.get(list).get(list == 0 ? index : index - ends[list - 1]);
        });
    }

    private static int firstBeyond(int[] ends, int index) {
        int low = 0;
        int high = ends.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] > index) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public T get(int index) {
        Made<T> known = last;
        if (known != null && known.index() == index) {
            return known.element();
        }
        T made = element.apply(Objects.checkIndex(index, size));
        last = new Made<>(index, made);
        return made;
    }
}
