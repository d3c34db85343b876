package io.gregor.wire;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A topic, directory or cluster id: 128 bits, shown in URL-safe base64 without padding, as Kafka shows them. */
public record Uuid(long mostSignificantBits, long leastSignificantBits) implements Comparable<Uuid> {
    public static final Uuid ZERO = new Uuid(0, 0);

    /** The id of {@code __cluster_metadata}, which is never given to another topic. */
    public static final Uuid METADATA_TOPIC = new Uuid(0, 1);

    /** A random version 4 UUID whose text does not begin with a dash: tools would take that for an option. */
    public static Uuid random(RandomGenerator random) {
        while (true) {
            long high = random.nextLong() & ~0xF000L | 0x4000L;
            long low = random.nextLong() & ~(3L << 62) | (2L << 62);
            Uuid uuid = new Uuid(high, low);
            if (!uuid.toString().startsWith("-") && high != 0) {
                return uuid;
            }
        }
    }

    /** @throws IllegalArgumentException if the text is not 22 characters of base64 */
    public static Uuid parse(String text) {
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        if (bytes.length != 16) {
            throw new IllegalArgumentException("a uuid has 16 bytes, " + text + " has " + bytes.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Uuid(buffer.getLong(), buffer.getLong());
    }

    // Written out, since the ones that a record gets are linked at run time: that would cost every start.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Uuid that
                && mostSignificantBits == that.mostSignificantBits
                && leastSignificantBits == that.leastSignificantBits;
    }

    /** As Kafka's ids have it, and {@link java.util.UUID}: partitions are assigned in the order of hash maps. */
    @Override
    public int hashCode() {
        return Long.hashCode(mostSignificantBits ^ leastSignificantBits);
    }

    @Override
    public int compareTo(Uuid that) {
        int high = Long.compare(mostSignificantBits, that.mostSignificantBits);
        return high != 0 ? high : Long.compare(leastSignificantBits, that.leastSignificantBits);
    }

    @Override
    public String toString() {
        ByteBuffer buffer = ByteBuffer.allocate(16).putLong(mostSignificantBits).putLong(leastSignificantBits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(buffer.array());
    }
}
