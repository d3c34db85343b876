package io.gregor.cli.client;

import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.MetadataResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A topic and who leads its partitions, as metadata had it once. Immutable. */
public record Topic(String name, Uuid id, boolean internal, List<Partition> partitions) {
    /** How long a topic may take to be created by its use. */
    private static final long CREATION_MS = 3_000;

    /** @param leader the id of a broker, or -1 for none */
    public record Partition(int index, int leader, List<Integer> replicas, List<Integer> inSync) {}

    /**
     * All topics that there are, by name.
     *
     * @throws ClientException if the brokers cannot say
     */
    public static List<Topic> all(Cluster cluster) {
        return cluster.retrying(() -> {
            List<Topic> topics = new ArrayList<>();
            for (MetadataResponse.MetadataResponseTopic topic :
                    cluster.metadata(null, false).topics()) {
                topics.add(of(topic));
            }
            topics.sort(Comparator.comparing(Topic::name));
            return topics;
        });
    }

    /**
     * One topic, which has a leader for each partition or not.
     *
     * @throws ClientException if it does not exist
     */
    public static Topic find(Cluster cluster, String name) {
        return cluster.retrying(
                () -> of(cluster.metadata(List.of(name), false).topics().get(0)));
    }

    /** As {@link #find}, but the brokers may create it; waits until it is there, and all partitions have a leader. */
    public static Topic findOrCreate(Cluster cluster, String name) {
        long startMs = cluster.time().nowMs();
        return cluster.retrying(() -> {
            MetadataResponse.MetadataResponseTopic answer =
                    cluster.metadata(List.of(name), true).topics().get(0);
            // It comes before the topic that it creates, if brokers create topics like that, which they do not say.
            if (answer.errorCode() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code()
                    && cluster.time().nowMs() - startMs < CREATION_MS) {
                throw noLeader(name);
            }
            Topic topic = of(answer);
            if (topic.partitions().stream().anyMatch(partition -> partition.leader() < 0)) {
                throw noLeader(name);
            }
            return topic;
        });
    }

    /** How many partitions each of these topics has; those that are not there are left out. */
    public static SortedMap<String, Integer> partitionCounts(Cluster cluster, Collection<String> names) {
        return cluster.retrying(() -> {
            SortedMap<String, Integer> counts = new TreeMap<>();
            for (MetadataResponse.MetadataResponseTopic topic :
                    cluster.metadata(List.copyOf(names), false).topics()) {
                if (!topic.partitions().isEmpty()) {
                    counts.put(String.valueOf(topic.name()), topic.partitions().size());
                }
            }
            return counts;
        });
    }

    private static BrokerException noLeader(String name) {
        return new BrokerException(
                "topic " + name + ": a partition has no leader (LEADER_NOT_AVAILABLE)", ErrorCode.LEADER_NOT_AVAILABLE);
    }

    private static Topic of(MetadataResponse.MetadataResponseTopic topic) {
        String name = topic.name() == null ? "" : topic.name();
        BrokerException.throwIfError(topic.errorCode(), null, "topic " + name);
        List<Partition> partitions = new ArrayList<>();
        for (MetadataResponse.MetadataResponsePartition partition : topic.partitions()) {
            partitions.add(new Partition(
                    partition.partitionIndex(), partition.leaderId(), partition.replicaNodes(), partition.isrNodes()));
        }
        partitions.sort(Comparator.comparingInt(Partition::index));
        return new Topic(name, topic.topicId(), topic.isInternal(), partitions);
    }
}
