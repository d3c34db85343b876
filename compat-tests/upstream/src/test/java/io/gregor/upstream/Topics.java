package io.gregor.upstream;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TopicListing;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.metadata.LeaderAndIsr;

/** What the node's topics are, asked over the wire. */
final class Topics {
    private final BrokerNode node;

    Topics(BrokerNode node) {
        this.node = node;
    }

    Map<String, Uuid> ids() throws ExecutionException, InterruptedException {
        Map<String, Uuid> ids = new HashMap<>();
        for (TopicListing topic : node.admin()
                .listTopics(new ListTopicsOptions().listInternal(true))
                .listings()
                .get()) {
            ids.put(topic.name(), topic.topicId());
        }
        return ids;
    }

    Map<Uuid, String> names() throws ExecutionException, InterruptedException {
        Map<Uuid, String> names = new HashMap<>();
        ids().forEach((name, id) -> names.put(id, name));
        return names;
    }

    Optional<TopicDescription> find(String topic) throws ExecutionException, InterruptedException {
        try {
            return Optional.ofNullable(node.admin()
                    .describeTopics(List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException
                    || e.getCause() instanceof InvalidTopicException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    Optional<TopicPartitionInfo> find(TopicPartition partition) throws ExecutionException, InterruptedException {
        return find(partition.topic())
                .filter(topic -> topic.partitions().size() > partition.partition())
                .map(topic -> topic.partitions().get(partition.partition()));
    }

    /** The partition, as long as the node is there to have it. */
    Optional<TopicPartitionInfo> hosted(TopicPartition partition) throws ExecutionException, InterruptedException {
        return node.isAlive() ? find(partition) : Optional.empty();
    }

    Optional<LeaderAndIsr> leaderAndIsr(TopicPartition partition) throws ExecutionException, InterruptedException {
        return find(partition)
                .map(found -> new LeaderAndIsr(
                        found.leader() == null || found.leader().isEmpty()
                                ? LeaderAndIsr.NO_LEADER
                                : found.leader().id(),
                        found.isr().stream().map(Node::id).toList()));
    }

    ListOffsetsResultInfo offset(TopicPartition partition, OffsetSpec which)
            throws ExecutionException, InterruptedException {
        return node.admin()
                .listOffsets(Map.of(partition, which))
                .partitionResult(partition)
                .get();
    }
}
