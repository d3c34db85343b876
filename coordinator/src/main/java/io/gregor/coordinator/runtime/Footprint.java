package io.gregor.coordinator.runtime;

import org.jspecify.annotations.Nullable;

/**
 * Estimates what objects take on the heap, in bytes. Immutable. Rather too much than too little: what is counted must
 * fit, whatever it consists of.
 */
public final class Footprint {
    /** An entry of a hash map or hash set with its share of the table; without its key and value. */
    public static final int ENTRY = 48;
    /** A hash map or hash set with few entries. */
    public static final int MAP = 144;
    /** A record or class of some ten fields. */
    public static final int OBJECT = 64;
    /** A number in a collection. */
    public static final int NUMBER = 24;
    /** A timer that is set, with its key. */
    public static final int TIMER = 256;

    private static final int ARRAY_HEADER = 24;
    private static final int STRING_HEADER = 24;
    private static final char LAST_OF_ONE_BYTE = 0xFF;

    private Footprint() {}

    public static long of(byte[] bytes) {
        return ARRAY_HEADER + (long) bytes.length;
    }

    /** One byte a character, or two if one of them needs that. */
    public static long of(@Nullable String text) {
        if (text == null) {
            return 0;
        }
        int length = text.length();
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) > LAST_OF_ONE_BYTE) {
                return STRING_HEADER + ARRAY_HEADER + 2L * length;
            }
        }
        return STRING_HEADER + ARRAY_HEADER + (long) length;
    }
}
