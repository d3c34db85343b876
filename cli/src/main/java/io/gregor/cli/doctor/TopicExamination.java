package io.gregor.cli.doctor;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Leaders;
import io.gregor.cli.client.Offsets;
import io.gregor.cli.client.OpenTransaction;
import io.gregor.cli.client.Topic;
import io.gregor.cli.client.TopicConfigs;
import io.gregor.cli.client.TopicPartition;
import io.gregor.cli.text.Durations;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.DescribeProducersRequest;
import io.gregor.wire.message.DescribeProducersResponse;
import io.gregor.wire.message.DescribeProducersResponse.ProducerState;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Why nothing comes out of a topic. Confined to the main thread. */
final class TopicExamination {
    private final Report report;
    private final Cluster cluster;

    TopicExamination(Report report, Cluster cluster) {
        this.report = report;
        this.cluster = cluster;
    }

    void examine(String name) {
        List<Topic> all = Topic.all(cluster);
        Topic topic =
                all.stream().filter(one -> one.name().equals(name)).findFirst().orElse(null);
        if (topic == null) {
            report.fault("there is no topic " + name + similar(name, all));
            return;
        }
        report.fine("topic " + name + " has " + topic.partitions().size() + " partitions");
        List<TopicPartition> partitions = topic.partitions().stream()
                .map(partition -> new TopicPartition(name, partition.index()))
                .toList();
        Map<TopicPartition, Long> begin = new Offsets(cluster, false).ofThoseWithLeader(partitions, Offsets.BEGINNING);
        Map<TopicPartition, Long> end = new Offsets(cluster, false).ofThoseWithLeader(partitions, Offsets.END);
        Map<TopicPartition, Long> stable = new Offsets(cluster, true).ofThoseWithLeader(partitions, Offsets.END);
        for (Topic.Partition partition : topic.partitions()) {
            TopicPartition key = new TopicPartition(name, partition.index());
            if (partition.leader() < 0) {
                report.fault("partition " + key + " has no leader: none of its replicas " + partition.replicas()
                        + " is there");
                continue;
            }
            if (!begin.containsKey(key) || !end.containsKey(key) || !stable.containsKey(key)) {
                report.unknown("what is in partition " + key, "it lost its leader meanwhile");
                continue;
            }
            records(key, begin.getOrDefault(key, 0L), end.getOrDefault(key, 0L));
            if (stable.getOrDefault(key, 0L) < end.getOrDefault(key, 0L)) {
                unstable(key, stable.getOrDefault(key, 0L), end.getOrDefault(key, 0L));
            }
        }
    }

    private static String similar(String name, List<Topic> all) {
        String lower = name.toLowerCase(Locale.ROOT);
        List<String> similar = all.stream()
                .map(Topic::name)
                .filter(one ->
                        one.toLowerCase(Locale.ROOT).contains(lower) || lower.contains(one.toLowerCase(Locale.ROOT)))
                .limit(3)
                .toList();
        return similar.isEmpty() ? "" : "; there is " + String.join(", ", similar);
    }

    private void records(TopicPartition partition, long begin, long end) {
        if (end == 0) {
            report.fine("partition " + partition + " never had a record");
        } else if (begin == end) {
            report.fault("partition " + partition + " is empty: its offsets up to " + end
                    + " are gone by retention or delete-records" + retention(partition.topic()));
        } else if (begin > 0) {
            report.fine("partition " + partition + " has offsets " + begin + " to " + (end - 1)
                    + "; those before are gone by retention or delete-records" + retention(partition.topic()));
        } else {
            report.fine("partition " + partition + " has offsets 0 to " + (end - 1));
        }
    }

    private String retention(String topic) {
        StringBuilder text = new StringBuilder();
        List<TopicConfigs.Config> configs;
        try {
            configs = TopicConfigs.of(cluster, List.of(topic)).getOrDefault(topic, List.of());
        } catch (ClientException e) {
            return " (what is configured is unknown, because " + e.getMessage() + ")";
        }
        for (TopicConfigs.Config config : configs) {
            if (List.of("cleanup.policy", "retention.ms", "retention.bytes").contains(config.key())) {
                text.append(text.length() == 0 ? " (" : ", ")
                        .append(config.key())
                        .append('=')
                        .append(config.value());
            }
        }
        return text.length() == 0 ? "" : text.append(')').toString();
    }

    private void unstable(TopicPartition partition, long stable, long end) {
        report.fault("partition " + partition + ": an open transaction " + whose(partition)
                + " holds the last stable offset at " + stable + ", before the end " + end
                + ": consumers that read committed records get nothing behind it");
    }

    private String whose(TopicPartition partition) {
        try {
            ProducerState holder = cluster.retrying(() -> holder(partition));
            return holder == null ? "that ended meanwhile" : owner(holder.producerId());
        } catch (ClientException e) {
            return "of an unknown producer (unknown, because " + e.getMessage() + ")";
        }
    }

    private String owner(long producerId) {
        List<OpenTransaction> all;
        try {
            all = OpenTransaction.all(cluster);
        } catch (ClientException e) {
            return "of producer " + producerId + " (its transactional id is unknown, because " + e.getMessage() + ")";
        }
        for (OpenTransaction one : all) {
            if (one.producerId() == producerId) {
                long ageMs = cluster.time().wallClockMs() - one.startMs();
                return "of transactional id " + one.transactionalId() + " (producer " + producerId + ", " + one.state()
                        + (one.startMs() < 0 ? "" : ", since " + Durations.of(ageMs)) + ")";
            }
        }
        return "of producer " + producerId + ", of which no coordinator knows (it hangs;"
                + " kafka-transactions.sh abort ends it)";
    }

    /** The producer whose transaction began first. */
    private @Nullable ProducerState holder(TopicPartition partition) {
        cluster.require(ApiKey.DESCRIBE_PRODUCERS);
        int leader = Leaders.of(cluster, List.of(partition)).getOrDefault(partition, -1);
        DescribeProducersRequest request = new DescribeProducersRequest()
                .topics(List.of(new DescribeProducersRequest.TopicRequest()
                        .name(partition.topic())
                        .partitionIndexes(List.of(partition.partition()))));
        DescribeProducersResponse.PartitionResponse answer = cluster.broker(
                        leader, ApiKey.DESCRIBE_PRODUCERS, request, 0, DescribeProducersResponse.class)
                .topics()
                .get(0)
                .partitions()
                .get(0);
        BrokerException.throwIfError(answer.errorCode(), answer.errorMessage(), "partition " + partition);
        ProducerState first = null;
        for (ProducerState one : answer.activeProducers()) {
            boolean open = one.currentTxnStartOffset() >= 0;
            if (open && (first == null || one.currentTxnStartOffset() < first.currentTxnStartOffset())) {
                first = one;
            }
        }
        return first;
    }
}
