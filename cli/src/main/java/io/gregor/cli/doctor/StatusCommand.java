package io.gregor.cli.doctor;

import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Group;
import io.gregor.cli.client.GroupList;
import io.gregor.cli.client.Lag;
import io.gregor.cli.client.Offsets;
import io.gregor.cli.client.OpenTransaction;
import io.gregor.cli.client.Topic;
import io.gregor.cli.client.TopicPartition;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.ExitStatus;
import io.gregor.cli.command.Spec;
import io.gregor.cli.command.Table;
import io.gregor.cli.text.Durations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.ParseResult;

/** One screen: brokers, topics, groups with their lag, open transactions, and what is wrong. */
public final class StatusCommand extends BrokerCommand {
    private static final int ROWS_MAX = 20;
    private static final int SHOWN_MAX = 5;
    /** The default of a producer's transaction timeout is a minute. */
    private static final long LONG_TRANSACTION_MS = 60_000;

    private final List<String> wrong = new ArrayList<>();

    public StatusCommand(Console console) {
        super(console);
    }

    @Override
    protected Spec describe() {
        return Spec.of(
                        "status",
                        this,
                        "Show brokers, topics, groups with their lag, open transactions, and what is wrong.")
                .example("gregor status -b localhost:9092");
    }

    @Override
    protected int run(Cluster cluster, ParseResult args) {
        List<Topic> topics = Topic.all(cluster);
        brokers(cluster);
        topics(cluster, topics);
        groups(cluster);
        transactions(cluster);
        console.out().println(wrong.isEmpty() ? "nothing is wrong" : "what is wrong:");
        wrong.forEach(one -> console.out().println("  " + one));
        return ExitStatus.OK;
    }

    private void brokers(Cluster cluster) {
        console.out()
                .println("cluster " + cluster.clusterId() + ", brokers: "
                        + cluster.brokers().entrySet().stream()
                                .map(one -> one.getKey() + " at " + one.getValue())
                                .collect(Collectors.joining(", ")));
    }

    private void topics(Cluster cluster, List<Topic> topics) {
        List<Topic> own = topics.stream().filter(topic -> !topic.internal()).toList();
        console.out().println("topics: " + own.size() + ", and " + (topics.size() - own.size()) + " internal");
        List<Topic> shown = own.subList(0, Math.min(own.size(), ROWS_MAX));
        Offsets offsets = new Offsets(cluster, false);
        List<TopicPartition> all = shown.stream()
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> new TopicPartition(topic.name(), partition.index())))
                .toList();
        Map<TopicPartition, Long> begin = offsets.ofThoseWithLeader(all, Offsets.BEGINNING);
        Map<TopicPartition, Long> end = offsets.ofThoseWithLeader(all, Offsets.END);
        Table table = new Table("TOPIC", "PARTITIONS", "REPLICAS", "OFFSETS");
        for (Topic topic : shown) {
            long held = 0;
            for (Topic.Partition partition : topic.partitions()) {
                TopicPartition key = new TopicPartition(topic.name(), partition.index());
                held += end.getOrDefault(key, 0L) - begin.getOrDefault(key, 0L);
            }
            int replicas = topic.partitions().stream()
                    .mapToInt(partition -> partition.replicas().size())
                    .max()
                    .orElse(0);
            table.row(topic.name(), topic.partitions().size(), replicas, held);
        }
        print(table, own.size());
        topics.forEach(this::check);
    }

    private void check(Topic topic) {
        List<Integer> dead = new ArrayList<>();
        List<Integer> behind = new ArrayList<>();
        for (Topic.Partition partition : topic.partitions()) {
            if (partition.leader() < 0) {
                dead.add(partition.index());
            } else if (partition.inSync().size() < partition.replicas().size()) {
                behind.add(partition.index());
            }
        }
        if (!dead.isEmpty()) {
            wrong.add("topic " + topic.name() + ": no leader for " + shortened(dead)
                    + ", none of their replicas is there");
        }
        if (!behind.isEmpty()) {
            wrong.add("topic " + topic.name() + ": not all replicas are in sync for " + shortened(behind));
        }
    }

    private static String shortened(List<Integer> partitions) {
        String some = partitions.stream().limit(SHOWN_MAX).map(String::valueOf).collect(Collectors.joining(", "));
        int more = partitions.size() - SHOWN_MAX;
        return "partitions " + some + (more > 0 ? " and " + more + " more" : "");
    }

    private void groups(Cluster cluster) {
        List<GroupList.Entry> entries = GroupList.of(cluster).stream()
                .filter(group -> List.of("", "classic", "consumer").contains(group.type()))
                .toList();
        console.out().println("groups: " + entries.size());
        Table table = new Table("GROUP", "TYPE", "STATE", "MEMBERS", "LAG");
        for (GroupList.Entry entry : entries.subList(0, Math.min(entries.size(), ROWS_MAX))) {
            Group group = Group.describe(cluster, entry.id());
            Lag lag = Lag.of(cluster, group);
            table.row(group.id(), group.type(), group.state(), group.members().size(), lag.total());
            GroupFindings.of(group, lag).forEach(wrong::add);
        }
        print(table, entries.size());
    }

    private void transactions(Cluster cluster) {
        List<OpenTransaction> open = OpenTransaction.all(cluster);
        console.out().println("open transactions: " + open.size());
        Table table = new Table("TRANSACTIONAL ID", "STATE", "PRODUCER", "SINCE", "PARTITIONS");
        for (OpenTransaction one : open) {
            long ageMs = one.startMs() < 0 ? 0 : cluster.time().wallClockMs() - one.startMs();
            if (table.size() < ROWS_MAX) {
                table.row(
                        one.transactionalId(),
                        one.state(),
                        one.producerId(),
                        Durations.of(ageMs),
                        one.partitions().size());
            }
            if (ageMs > LONG_TRANSACTION_MS) {
                wrong.add("transaction " + one.transactionalId() + " is open for " + Durations.of(ageMs)
                        + ": consumers that read committed records wait for its end in " + one.partitions());
            }
        }
        print(table, open.size());
    }

    private void print(Table table, int all) {
        if (!table.isEmpty()) {
            table.print(console.out(), "  ");
        }
        if (all > table.size()) {
            console.out().println("  and " + (all - table.size()) + " more");
        }
    }
}
