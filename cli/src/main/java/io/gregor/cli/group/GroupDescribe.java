package io.gregor.cli.group;

import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Group;
import io.gregor.cli.client.Lag;
import io.gregor.cli.client.TopicPartition;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.Outcomes;
import io.gregor.cli.command.Spec;
import io.gregor.cli.command.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** Shows groups: state, members, and how far they are. */
public final class GroupDescribe extends BrokerCommand {
    public GroupDescribe(Console console) {
        super(console);
    }

    @Override
    protected Spec describe() {
        return Spec.of("describe", this, "Show groups: state, members, offsets and lag.")
                .arguments("GROUP", "1..*", "the groups")
                .example("gregor group describe billing");
    }

    @Override
    protected int run(Cluster cluster, ParseResult args) {
        List<String> names = args.matchedPositionalValue(0, List.of());
        Outcomes outcomes = new Outcomes(console);
        for (String name : names) {
            outcomes.add(() -> show(cluster, Group.describe(cluster, name)));
        }
        return outcomes.status();
    }

    private void show(Cluster cluster, Group group) {
        Lag lag = Lag.of(cluster, group);
        console.out()
                .println(group.id() + ": " + group.type() + ", state " + group.state()
                        + (group.assignor().isEmpty() ? "" : ", assignor " + group.assignor())
                        + ", members " + group.members().size() + ", lag " + lag);
        Map<TopicPartition, String> owners = new HashMap<>();
        group.members()
                .forEach(member -> member.assigned()
                        .forEach(partition -> owners.put(partition, member.id() + " " + member.host())));
        Table table = new Table("TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "MEMBER");
        for (TopicPartition partition : lag.partitions()) {
            table.row(
                    partition.topic(),
                    partition.partition(),
                    known(lag.committed().get(partition)),
                    known(lag.end().get(partition)),
                    lag.of(partition) < 0 ? "" : lag.of(partition),
                    owners.getOrDefault(partition, ""));
        }
        if (!table.isEmpty()) {
            table.print(console.out(), "  ");
        }
        group.members().stream()
                .filter(member -> member.assigned().isEmpty())
                .forEach(
                        member -> console.out().println("  without a partition: " + member.id() + " " + member.host()));
    }

    private static Object known(@Nullable Long offset) {
        return offset == null ? "" : offset;
    }
}
