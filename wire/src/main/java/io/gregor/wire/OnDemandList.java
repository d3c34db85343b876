package io.gregor.wire;

import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * A list for a large answer: each element is made when it is asked for, and anew each time, so that the answer is never
 * whole in memory. Immutable, if what makes the elements depends on nothing that changes.
 */
public final class OnDemandList<T> extends AbstractList<T> {
    private final int size;
    private final IntFunction<T> element;

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

    @Override
    public int size() {
        return size;
    }

    @Override
    public T get(int index) {
        return element.apply(Objects.checkIndex(index, size));
    }
}
