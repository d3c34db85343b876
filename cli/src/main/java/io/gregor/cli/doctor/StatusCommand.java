package io.gregor.cli.doctor;

import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Group;
import io.gregor.cli.client.GroupList;
import io.gregor.cli.client.Lag;
import io.gregor.cli.client.Offsets;
import io.gregor.cli.client.OpenTransaction;
import io.gregor.cli.client.Topic;
import io.gregor.cli.client.TopicPartition;
import io.gregor.cli.client.UnreachableException;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.ExitStatus;
import io.gregor.cli.command.Spec;
import io.gregor.cli.command.Table;
import io.gregor.cli.text.Durations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.ParseResult;

/** One screen: brokers, topics, groups with their lag, open transactions, and what is wrong. */
public final class StatusCommand extends BrokerCommand {
    private static final int ROWS_MAX = 20;
    private static final int GROUPS_MAX = 100;
    private static final int SHOWN_MAX = 5;
    /** The default of a producer's transaction timeout is a minute. */
    private static final long LONG_TRANSACTION_MS = 60_000;

    private final List<String> wrong = new ArrayList<>();
    private final List<String> unknown = new ArrayList<>();

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
        attempt("groups", () -> groups(cluster));
        attempt("open transactions", () -> transactions(cluster));
        if (wrong.isEmpty() && unknown.isEmpty()) {
            console.out().println("nothing is wrong");
        }
        list("what is wrong:", wrong);
        list("what is unknown:", unknown);
        return ExitStatus.OK;
    }

    /** What one question is answered with says nothing of the next one, unless nobody answers any more. */
    private void attempt(String what, Runnable question) {
        try {
            question.run();
        } catch (UnreachableException e) {
            throw e;
        } catch (ClientException e) {
            unknown.add(what + ": unknown, because " + e.getMessage());
        }
    }

    private void list(String title, List<String> lines) {
        if (!lines.isEmpty()) {
            console.out().println(title);
            lines.forEach(one -> console.out().println("  " + one));
        }
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
        Map<TopicPartition, Long> held = new TreeMap<>();
        attempt("how many records topics have", () -> held.putAll(held(cluster, shown)));
        Table table = new Table("TOPIC", "PARTITIONS", "REPLICAS", "OFFSETS");
        for (Topic topic : shown) {
            int replicas = topic.partitions().stream()
                    .mapToInt(partition -> partition.replicas().size())
                    .max()
                    .orElse(0);
            table.row(topic.name(), topic.partitions().size(), replicas, sum(topic, held));
        }
        print(table, own.size());
        topics.forEach(this::check);
    }

    /** How many offsets there are in each partition that has a leader. */
    private static Map<TopicPartition, Long> held(Cluster cluster, List<Topic> topics) {
        List<TopicPartition> all = topics.stream()
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> new TopicPartition(topic.name(), partition.index())))
                .toList();
        Offsets offsets = new Offsets(cluster, false);
        Map<TopicPartition, Long> begin = offsets.ofThoseWithLeader(all, Offsets.BEGINNING);
        Map<TopicPartition, Long> held = new TreeMap<>();
        offsets.ofThoseWithLeader(all, Offsets.END).forEach((partition, end) -> {
            Long first = begin.get(partition);
            if (first != null) {
                held.put(partition, end - first);
            }
        });
        return held;
    }

    private static String sum(Topic topic, Map<TopicPartition, Long> held) {
        long sum = 0;
        for (Topic.Partition partition : topic.partitions()) {
            Long one = held.get(new TopicPartition(topic.name(), partition.index()));
            if (one == null) {
                return "unknown";
            }
            sum += one;
        }
        return String.valueOf(sum);
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
        List<GroupList.Entry> all = GroupList.of(cluster);
        List<GroupList.Entry> entries = all.stream()
                .filter(group -> List.of("", "classic", "consumer").contains(group.type()))
                .toList();
        console.out().println("groups: " + entries.size());
        Table table = new Table("GROUP", "TYPE", "STATE", "MEMBERS", "LAG");
        for (GroupList.Entry entry : entries.subList(0, Math.min(entries.size(), GROUPS_MAX))) {
            attempt("group " + entry.id(), () -> group(cluster, entry, table));
        }
        print(table, entries.size());
        if (entries.size() > GROUPS_MAX) {
            unknown.add((entries.size() - GROUPS_MAX) + " groups: unknown, because only the first " + GROUPS_MAX
                    + " are looked at; gregor doctor --group looks at one");
        }
        if (all.size() > entries.size()) {
            unknown.add((all.size() - entries.size())
                    + " groups: unknown, because they are neither classic nor of the consumer protocol");
        }
    }

    private void group(Cluster cluster, GroupList.Entry entry, Table table) {
        Group group = Group.describe(cluster, entry.id());
        Lag lag = Lag.of(cluster, group);
        if (table.size() < ROWS_MAX) {
            table.row(group.id(), group.type(), group.state(), group.members().size(), lag);
        }
        wrong.addAll(GroupFindings.of(group, lag));
        if (!lag.unknown().isEmpty()) {
            unknown.add("how far group " + group.id() + " is in " + lag.unknown()
                    + ": unknown, because it has committed nothing there, or nobody says where they end");
        }
    }

    private void transactions(Cluster cluster) {
        List<OpenTransaction> open = OpenTransaction.all(cluster);
        console.out().println("open transactions: " + open.size());
        Table table = new Table("TRANSACTIONAL ID", "STATE", "PRODUCER", "SINCE", "PARTITIONS");
        for (OpenTransaction one : open) {
            long ageMs = cluster.time().wallClockMs() - one.startMs();
            if (table.size() < ROWS_MAX) {
                table.row(
                        one.transactionalId(),
                        one.state(),
                        one.producerId(),
                        one.startMs() < 0 ? "unknown" : Durations.of(ageMs),
                        one.partitions().size());
            }
            if (one.startMs() >= 0 && ageMs > LONG_TRANSACTION_MS) {
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
