package io.gregor.controller;

import io.gregor.wire.Uuid;
import io.gregor.wire.message.PartitionRecord;
import java.util.List;

/**
 * Who holds a partition, who leads it, and in which epoch. Immutable.
 *
 * @param directories the ids of the log directories that it lies in, one a replica, as Apache Kafka notes them
 *     (KIP-858); empty if nobody did. Gregor looks for itself, and only keeps them.
 */
public record PartitionImage(
        int index,
        List<Integer> replicas,
        List<Integer> isr,
        int leader,
        int leaderEpoch,
        int partitionEpoch,
        List<Uuid> directories) {
    /** The record that makes this partition. */
    public PartitionRecord record(Uuid topicId) {
        return new PartitionRecord()
                .topicId(topicId)
                .partitionId(index)
                .replicas(replicas)
                .isr(isr)
                .leader(leader)
                .leaderEpoch(leaderEpoch)
                .partitionEpoch(partitionEpoch)
                .directories(directories);
    }
}
