package io.gregor.cli.client;

import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.MetadataResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Who leads partitions. */
public final class Leaders {
    private Leaders() {}

    /**
     * The id of each partition's leader as it is now, -1 for none.
     *
     * @throws ClientException if a partition does not exist
     */
    public static SortedMap<TopicPartition, Integer> of(Cluster cluster, Collection<TopicPartition> partitions) {
        SortedMap<TopicPartition, Integer> leaders = new TreeMap<>();
        if (partitions.isEmpty()) {
            return leaders;
        }
        TreeSet<String> names = new TreeSet<>();
        partitions.forEach(partition -> names.add(partition.topic()));
        Map<TopicPartition, Integer> found = new HashMap<>();
        for (MetadataResponse.MetadataResponseTopic topic :
                cluster.metadata(new ArrayList<>(names), false).topics()) {
            BrokerException.throwIfError(topic.errorCode(), null, "topic " + topic.name());
            topic.partitions()
                    .forEach(one -> found.put(
                            new TopicPartition(String.valueOf(topic.name()), one.partitionIndex()), one.leaderId()));
        }
        for (TopicPartition partition : partitions) {
            Integer leader = found.get(partition);
            if (leader == null) {
                throw new ClientException("topic " + partition.topic() + " has no partition " + partition.partition());
            }
            leaders.put(partition, leader);
        }
        return leaders;
    }

    /** What is said of a partition without a leader. */
    public static BrokerException none(TopicPartition partition) {
        return new BrokerException(
                "partition " + partition + " has no leader (LEADER_NOT_AVAILABLE)", ErrorCode.LEADER_NOT_AVAILABLE);
    }
}
