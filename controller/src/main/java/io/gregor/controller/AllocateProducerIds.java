package io.gregor.controller;

import io.gregor.wire.message.ProducerIdsRecord;
import java.util.List;

/** Gives a broker the next block of producer ids. Pure. */
public final class AllocateProducerIds {
    /** Kafka's size of a block. */
    public static final int BLOCK = 1000;

    private AllocateProducerIds() {}

    /** The response is the first id of the block. */
    public static Decision<Long> decide(MetadataImage image, int brokerId, long brokerEpoch) {
        long first = image.nextProducerId();
        return new Decision<>(
                List.of(new ProducerIdsRecord()
                        .brokerId(brokerId)
                        .brokerEpoch(brokerEpoch)
                        .nextProducerId(first + BLOCK)),
                first);
    }
}
