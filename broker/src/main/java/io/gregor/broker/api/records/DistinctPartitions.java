package io.gregor.broker.api.records;

import io.gregor.wire.Uuid;
import io.gregor.wire.message.ProduceRequest.PartitionProduceData;
import io.gregor.wire.message.ProduceRequest.TopicProduceData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The partitions that a Produce request names, each once, as Apache Kafka looks at them: a topic that is named twice is
 * one, of two batches for a partition the last one counts, and a topic without partitions is left out. Pure.
 */
final class DistinctPartitions {
    private DistinctPartitions() {}

    private record Topic(String name, Uuid id) {}

    /** Topics and their partitions in the order in which they are named first. */
    static List<TopicProduceData> of(List<TopicProduceData> named) {
        if (named.size() == 1 && named.get(0).partitionData().size() == 1) {
            return named;
        }
        Map<Topic, Map<Integer, PartitionProduceData>> topics = new LinkedHashMap<>();
        for (TopicProduceData topic : named) {
            for (PartitionProduceData partition : topic.partitionData()) {
                topics.computeIfAbsent(new Topic(topic.name(), topic.topicId()), first -> new LinkedHashMap<>())
                        .put(partition.index(), partition);
            }
        }
        List<TopicProduceData> distinct = new ArrayList<>(topics.size());
        topics.forEach((topic, partitions) -> distinct.add(new TopicProduceData()
                .name(topic.name())
                .topicId(topic.id())
                .partitionData(List.copyOf(partitions.values()))));
        return distinct;
    }
}
