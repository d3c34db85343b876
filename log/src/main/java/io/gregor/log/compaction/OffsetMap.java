package io.gregor.log.compaction;

import java.nio.ByteBuffer;

/**
 * The latest offset of each key, in bounded memory: of a key only its MD5 is kept, as in Kafka. Open addressing in
 * one buffer off the heap, 24 bytes an entry: hash 16, offset plus one 8 (so that zeros are an empty entry). Confined
 * to one thread.
 */
final class OffsetMap {
    private static final int HASH_BYTES = 16;
    private static final int ENTRY_BYTES = 24;
    /** How full it may be before looking up gets slow. */
    private static final double LOAD = 0.9;

    private final ByteBuffer entries;
    private final int slots;
    private final int most;
    private int size;
    private long upTo;

    /** @param keys how many different ones there may be at the most */
    OffsetMap(long keys, int memoryBytes) {
        long wanted = (long) (Math.max(keys, 1) / LOAD) + 1;
        slots = (int) Math.max(2, Math.min(wanted, memoryBytes / ENTRY_BYTES));
        entries = ByteBuffer.allocateDirect(slots * ENTRY_BYTES);
        most = (int) Math.max(1, slots * LOAD);
    }

    /** Sets the offset of the key with that MD5; false if there is no room for another key. */
    boolean put(ByteBuffer hash, long offset) {
        int at = find(hash);
        if (entries.getLong(at + HASH_BYTES) == 0) {
            if (size == most) {
                return false;
            }
            size++;
            entries.put(at, hash, 0, HASH_BYTES);
        }
        entries.putLong(at + HASH_BYTES, offset + 1);
        return true;
    }

    /** The latest offset of the key with that MD5, or -1. */
    long get(ByteBuffer hash) {
        return entries.getLong(find(hash) + HASH_BYTES) - 1;
    }

    private int find(ByteBuffer hash) {
        int slot = Math.floorMod(hash.getInt(0), slots);
        while (true) {
            int at = slot * ENTRY_BYTES;
            boolean free = entries.getLong(at + HASH_BYTES) == 0;
            if (free || entries.getLong(at) == hash.getLong(0) && entries.getLong(at + Long.BYTES) == hash.getLong(8)) {
                return at;
            }
            slot = slot + 1 == slots ? 0 : slot + 1;
        }
    }

    /** All keys of records before this offset are here. */
    long upTo() {
        return upTo;
    }

    void upTo(long offset) {
        upTo = offset;
    }
}
