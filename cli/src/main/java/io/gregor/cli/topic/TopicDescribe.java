package io.gregor.cli.topic;

import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Offsets;
import io.gregor.cli.client.Topic;
import io.gregor.cli.client.TopicConfigs;
import io.gregor.cli.client.TopicPartition;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.Outcomes;
import io.gregor.cli.command.Spec;
import io.gregor.cli.command.Table;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.ParseResult;

/** Shows topics with their partitions, offsets and own configurations. */
public final class TopicDescribe extends BrokerCommand {
    public TopicDescribe(Console console) {
        super(console);
    }

    @Override
    protected Spec describe() {
        return Spec.of("describe", this, "Show topics: partitions, offsets, replicas, and what is configured for them.")
                .arguments("NAME", "0..*", "the topics; else all that are not internal")
                .example("gregor topic describe orders");
    }

    @Override
    protected int run(Cluster cluster, ParseResult args) {
        List<String> names = args.matchedPositionalValue(0, List.of());
        List<String> wanted = names.isEmpty()
                ? Topic.all(cluster).stream()
                        .filter(topic -> !topic.internal())
                        .map(Topic::name)
                        .toList()
                : names;
        Outcomes outcomes = new Outcomes(console);
        for (String name : wanted) {
            outcomes.add(() -> describe(cluster, Topic.find(cluster, name)));
        }
        return outcomes.status();
    }

    private void describe(Cluster cluster, Topic topic) {
        String own = TopicConfigs.of(cluster, List.of(topic.name())).getOrDefault(topic.name(), List.of()).stream()
                .filter(TopicConfigs.Config::ofTopic)
                .map(config -> config.key() + "=" + config.value())
                .collect(Collectors.joining(" "));
        int replicas = topic.partitions().isEmpty()
                ? 0
                : topic.partitions().get(0).replicas().size();
        console.out()
                .println(topic.name() + ": id " + topic.id() + ", partitions "
                        + topic.partitions().size() + ", replicas " + replicas + (own.isEmpty() ? "" : ", " + own));
        Offsets offsets = new Offsets(cluster, false);
        List<TopicPartition> all = topic.partitions().stream()
                .map(partition -> new TopicPartition(topic.name(), partition.index()))
                .toList();
        Map<TopicPartition, Long> first = offsets.ofThoseWithLeader(all, Offsets.BEGINNING);
        Map<TopicPartition, Long> end = offsets.ofThoseWithLeader(all, Offsets.END);
        Table table = new Table("PARTITION", "BEGIN", "END", "LEADER", "REPLICAS", "IN SYNC");
        for (Topic.Partition partition : topic.partitions()) {
            TopicPartition key = new TopicPartition(topic.name(), partition.index());
            table.row(
                    partition.index(),
                    first.containsKey(key) ? first.get(key) : "",
                    end.containsKey(key) ? end.get(key) : "",
                    partition.leader() < 0 ? "none" : partition.leader(),
                    ids(partition.replicas()),
                    ids(partition.inSync()));
        }
        table.print(console.out(), "  ");
    }

    private static String ids(List<Integer> brokers) {
        return brokers.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
