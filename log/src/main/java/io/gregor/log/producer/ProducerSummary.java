package io.gregor.log.producer;

/**
 * What a partition knows of a producer.
 *
 * @param lastSequence of its last batch, -1 if there is none
 * @param lastOffset of its last batch, -1 if there is none
 * @param lastTimestampMs of what it wrote last
 * @param coordinatorEpoch of the last marker, -1 if there was none
 * @param transactionFirstOffset where its open transaction begins, -1 if none is open
 */
public record ProducerSummary(
        long producerId,
        short epoch,
        int lastSequence,
        long lastOffset,
        long lastTimestampMs,
        int coordinatorEpoch,
        long transactionFirstOffset) {}
