package io.gregor.broker.memory;

import io.gregor.wire.ByteBudget;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Values by keys that clients choose. Guarded by its own lock. Bounded in bytes, and in number: when there is no room
 * for another one, those go that were not used for the longest time. The budget must not be anybody else's.
 */
public final class BoundedCache<K, V> {
    /** Of one entry, beside its key and its value. */
    private static final int ENTRY_BYTES = 80;

    private static final int TEXT_BYTES = 56;

    private final ByteBudget budget;
    private final int most;
    private final Map<K, Entry<V>> entries = new LinkedHashMap<>(16, 0.75f, true);

    private record Entry<V>(V value, long bytes) {}

    public BoundedCache(ByteBudget budget) {
        this(budget, Integer.MAX_VALUE);
    }

    /** @param most entries */
    public BoundedCache(ByteBudget budget, int most) {
        this.budget = budget;
        this.most = most;
    }

    /** How many bytes a text takes in memory at most. */
    public static long sizeOf(String text) {
        return TEXT_BYTES + 2L * text.length();
    }

    /** Counts as a use. */
    public synchronized @Nullable V get(K key) {
        Entry<V> entry = entries.get(key);
        return entry == null ? null : entry.value();
    }

    public synchronized boolean contains(K key) {
        return entries.containsKey(key);
    }

    /**
     * The value of the key, a new one if there is none.
     *
     * @param bytes of the key and a new value together
     */
    public synchronized V computeIfAbsent(K key, long bytes, Supplier<V> made) {
        V known = get(key);
        if (known != null) {
            return known;
        }
        V value = made.get();
        put(key, value, bytes);
        return value;
    }

    /**
     * Keeps a value in the place of what the key had, unless it is larger than the whole budget.
     *
     * @param bytes of the key and the value together
     */
    public synchronized void put(K key, V value, long bytes) {
        remove(key);
        if (entries.size() >= most) {
            removeEldest();
        }
        long all = ENTRY_BYTES + bytes;
        boolean reserved = budget.tryReserve(all);
        while (!reserved && !entries.isEmpty()) {
            removeEldest();
            reserved = budget.tryReserve(all);
        }
        if (reserved) {
            entries.put(key, new Entry<>(value, all));
        }
    }

    private void removeEldest() {
        Iterator<Entry<V>> eldest = entries.values().iterator();
        budget.release(eldest.next().bytes());
        eldest.remove();
    }

    public synchronized @Nullable V remove(K key) {
        Entry<V> entry = entries.remove(key);
        if (entry == null) {
            return null;
        }
        budget.release(entry.bytes());
        return entry.value();
    }

    public synchronized void removeIf(Predicate<V> unwanted) {
        entries.values().removeIf(entry -> {
            boolean removed = unwanted.test(entry.value());
            budget.release(removed ? entry.bytes() : 0);
            return removed;
        });
    }
}
