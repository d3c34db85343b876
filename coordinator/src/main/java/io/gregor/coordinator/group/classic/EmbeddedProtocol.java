package io.gregor.coordinator.group.classic;

import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.ConsumerProtocolAssignment;
import io.gregor.wire.message.ConsumerProtocolSubscription;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What classic consumers tell each other through the broker: subscriptions and assignments, each with its version in
 * two bytes before it. Later versions only add to earlier ones, so that of a version from the future the known part is
 * read.
 */
public final class EmbeddedProtocol {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedProtocol.class);

    private EmbeddedProtocol() {}

    /**
     * The topics that the consumer reads; null if its metadata cannot be read. Whatever version it names, only the part
     * that all versions begin with is read: clients leave out fields of the version that they name.
     */
    static @Nullable List<String> topics(byte[] metadata) {
        try {
            ByteReader reader = new ByteReader(ByteBuffer.wrap(metadata));
            reader.int16(); // the version
            ConsumerProtocolSubscription subscription = new ConsumerProtocolSubscription();
            subscription.read(reader, ConsumerProtocolSubscription.LOWEST_VERSION);
            return subscription.topics();
        } catch (MalformedMessageException e) {
            LOG.debug("A consumer's subscription cannot be read", e);
            return null;
        }
    }

    /** @throws MalformedMessageException if the metadata is none of a consumer */
    public static ConsumerProtocolSubscription subscription(byte[] metadata) {
        return read(new ConsumerProtocolSubscription(), ConsumerProtocolSubscription.HIGHEST_VERSION, metadata);
    }

    /** @throws MalformedMessageException if it is none of a consumer */
    public static ConsumerProtocolAssignment assignment(byte[] assignment) {
        return read(new ConsumerProtocolAssignment(), ConsumerProtocolAssignment.HIGHEST_VERSION, assignment);
    }

    /**
     * An assignment in the version in which the consumer has subscribed.
     *
     * @throws MalformedMessageException if the metadata is none of a consumer
     */
    public static byte[] encode(ConsumerProtocolAssignment assignment, byte[] metadata) {
        short version = (short) Math.min(version(metadata), ConsumerProtocolAssignment.HIGHEST_VERSION);
        MessageSink sink = new MessageSink(128);
        sink.int16(version);
        assignment.write(sink, version);
        ByteBuffer bytes = sink.toBuffer();
        byte[] encoded = new byte[bytes.remaining()];
        bytes.get(encoded);
        return encoded;
    }

    private static short version(byte[] bytes) {
        if (bytes.length < Short.BYTES) {
            throw new MalformedMessageException("no version");
        }
        short version = new ByteReader(ByteBuffer.wrap(bytes)).int16();
        if (version < 0) {
            throw new MalformedMessageException("version " + version);
        }
        return version;
    }

    private static <M extends Message> M read(M message, short highestVersion, byte[] bytes) {
        short version = (short) Math.min(version(bytes), highestVersion);
        message.read(new ByteReader(ByteBuffer.wrap(bytes, Short.BYTES, bytes.length - Short.BYTES)), version);
        return message;
    }
}
