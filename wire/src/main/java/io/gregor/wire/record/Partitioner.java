package io.gregor.wire.record;

import java.nio.ByteBuffer;

/** Which partition a key belongs to: as Apache Kafka's clients have it, so that a key stays in one place. Pure. */
public final class Partitioner {
    private static final int SEED = 0x9747b28c;
    private static final int MULTIPLIER = 0x5bd1e995;

    private Partitioner() {}

    public static int partition(ByteBuffer key, int partitions) {
        return (murmur2(key) & 0x7fffffff) % partitions;
    }

    /** The hash function of that name, by Austin Appleby, which is in the public domain. */
    public static int murmur2(ByteBuffer key) {
        int length = key.remaining();
        int start = key.position();
        int hash = SEED ^ length;
        int whole = length & ~3;
        for (int i = 0; i < whole; i += 4) {
            int word = Integer.reverseBytes(key.getInt(start + i)) * MULTIPLIER;
            word ^= word >>> 24;
            hash = hash * MULTIPLIER ^ word * MULTIPLIER;
        }
        for (int i = length - 1; i >= whole; i--) {
            hash ^= (key.get(start + i) & 0xff) << 8 * (i - whole);
        }
        if (length > whole) {
            hash *= MULTIPLIER;
        }
        hash ^= hash >>> 13;
        hash *= MULTIPLIER;
        return hash ^ hash >>> 15;
    }
}
