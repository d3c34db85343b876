package io.gregor.broker.replica;

import io.gregor.wire.message.ErrorCode;

/**
 * Whoever appends to a partition. Called on the partition's lane, within {@link Partition#append} or later; what it
 * throws is logged, and concerns no other append.
 */
public interface AppendCallback {
    /**
     * The records have their offsets and can be found in the log. Called at most once, before anything else happens on
     * the lane; not at all if the records are refused.
     *
     * @param baseOffset of the first record, also where a producer has sent again what is there
     * @param appendTimeMs the log append time, where the topic or a batch that was sent again has one; else -1
     */
    default void placed(long baseOffset, long appendTimeMs) {}

    /**
     * The append is over. Called exactly once, whatever happens while the broker runs; of records that were placed, in
     * the order of their offsets.
     *
     * @param error NONE when they are as durable as was asked. Otherwise, without records in the log, the error of the
     *     producer's check; KAFKA_STORAGE_ERROR where the disk refused to write or to flush; UNKNOWN_TOPIC_OR_PARTITION
     *     where the topic is deleted; UNKNOWN_SERVER_ERROR where something threw what it should not
     */
    void completed(ErrorCode error);
}
