package io.gregor.coordinator;

import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.message.ConsumerProtocolSubscription;
import java.nio.ByteBuffer;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the metadata of classic consumers, which is theirs: a version in two bytes, then the subscription. */
final class Subscriptions {
    private static final Logger LOG = LoggerFactory.getLogger(Subscriptions.class);

    private Subscriptions() {}

    /** The topics that the consumer reads; none if its metadata cannot be read. */
    static List<String> of(byte[] metadata) {
        if (metadata.length < Short.BYTES) {
            return List.of();
        }
        ByteReader in = new ByteReader(ByteBuffer.wrap(metadata));
        short version = in.int16();
        if (version < ConsumerProtocolSubscription.LOWEST_VERSION) {
            return List.of();
        }
        try {
            ConsumerProtocolSubscription subscription = new ConsumerProtocolSubscription();
            // Later versions only add to earlier ones.
            subscription.read(in, (short) Math.min(version, ConsumerProtocolSubscription.HIGHEST_VERSION));
            return subscription.topics();
        } catch (MalformedMessageException e) {
            LOG.debug("A consumer's subscription cannot be read", e);
            return List.of();
        }
    }
}
