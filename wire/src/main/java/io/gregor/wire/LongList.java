package io.gregor.wire;

import java.nio.ByteBuffer;
import java.util.AbstractList;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A long array of a message that stays encoded: each element is read when it is asked for, and made anew each time, so
 * that the array takes no more memory than its bytes. Immutable and safe for any thread, as long as the bytes are.
 */
final class LongList<T> extends AbstractList<T> {
    /** The position of every element that has such a multiple as index is kept. */
    static final int STEP = 64;

    private record Place(int index, int position) {}

    private final ByteBuffer bytes;
    private final int[] positions;
    private final int size;
    private final ByteReader.Element<T> element;
    private volatile @Nullable Place last;

    /**
     * @param bytes must not change while this list is used
     * @param positions of each {@value #STEP}th element
     */
    LongList(ByteBuffer bytes, int[] positions, int size, ByteReader.Element<T> element) {
        this.bytes = bytes;
        this.positions = positions;
        this.size = size;
        this.element = element;
    }

    @Override
    public int size() {
        return size;
    }

    /** Fast for the element behind the one that was asked for last; any other costs up to {@value #STEP} elements. */
    @Override
    public T get(int index) {
        Objects.checkIndex(index, size);
        Place known = last;
        Place from = known != null && known.index() <= index && index - known.index() < STEP
                ? known
                : new Place(index / STEP * STEP, positions[index / STEP]);
        ByteBuffer at = bytes.duplicate().position(from.position());
        ByteReader reader = new ByteReader(at);
        for (int i = from.index(); i < index; i++) {
            element.read(reader);
        }
        T value = element.read(reader);
        last = new Place(index + 1, at.position());
        return value;
    }

    @Override
    public Iterator<T> iterator() {
        ByteBuffer at = bytes.duplicate().position(positions[0]);
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < size;
            }

            @Override
            public T next() {
                if (next == size) {
                    throw new NoSuchElementException();
                }
                next++;
                return element.read(new ByteReader(at));
            }
        };
    }
}
