package io.gregor.controller;

import org.jspecify.annotations.Nullable;

/**
 * Whose configuration it is.
 *
 * @param type the protocol's number
 */
public record ConfigResource(byte type, String name) implements Comparable<ConfigResource> {
    public static final byte TOPIC = 2;
    public static final byte BROKER = 4;
    public static final byte BROKER_LOGGER = 8;
    public static final byte CLIENT_METRICS = 16;
    public static final byte GROUP = 32;

    // Written out, since the ones that a record gets are linked at run time: that would cost every start.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConfigResource that && type == that.type && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode() * 31 + type;
    }

    /** Some order, so that names of one hash value do not make look-ups slow. */
    @Override
    public int compareTo(ConfigResource that) {
        int byName = name.compareTo(that.name);
        return byName != 0 ? byName : Byte.compare(type, that.type);
    }

    public static ConfigResource topic(String name) {
        return new ConfigResource(TOPIC, name);
    }
}
