package io.gregor.cli.group;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Group;
import io.gregor.cli.client.GroupCoordinator;
import io.gregor.cli.client.GroupOffsets;
import io.gregor.cli.client.Offsets;
import io.gregor.cli.client.Topic;
import io.gregor.cli.client.TopicPartition;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.ExitStatus;
import io.gregor.cli.command.Spec;
import io.gregor.cli.command.Table;
import io.gregor.cli.command.UsageException;
import io.gregor.cli.text.Position;
import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** Sets where a group goes on. */
public final class GroupReset extends BrokerCommand {
    private static final String SHIFT = "--shift";
    private static final String PARTITION = "--partition";

    public GroupReset(Console console) {
        super(console);
    }

    @Override
    protected Spec describe() {
        return Spec.of("reset", this, "Set where a group goes on reading; it must have no members meanwhile.")
                .argument("GROUP", "the group; need not exist yet")
                .value("--to", "POSITION", Position.ALLOWED)
                .number(SHIFT, "N", "in place of --to: N offsets on from where it is, or back if N is negative")
                .values("--topic", "TOPIC", "in this topic; else in all in which the group has committed something")
                .values(PARTITION, "N", "in this partition only")
                .flag("--dry-run", "shows what would be set, and sets nothing")
                .example("gregor group reset billing --to beginning --topic orders")
                .example("gregor group reset billing --shift -100 --topic orders --partition 0 --dry-run");
    }

    @Override
    protected int run(Cluster cluster, ParseResult args) {
        String name = args.matchedPositionalValue(0, "");
        Position to = position(args);
        Set<Integer> only = only(args);
        checkEmpty(cluster, name);
        GroupOffsets offsets = new GroupOffsets(new GroupCoordinator(cluster, name));
        SortedMap<TopicPartition, Long> before = offsets.all();
        TreeSet<TopicPartition> partitions = new TreeSet<>();
        List<String> topics = args.matchedOptionValue("--topic", List.of());
        for (String topic : topics) {
            Topic.find(cluster, topic)
                    .partitions()
                    .forEach(one -> partitions.add(new TopicPartition(topic, one.index())));
        }
        if (topics.isEmpty()) {
            partitions.addAll(before.keySet());
        }
        partitions.removeIf(one -> !only.isEmpty() && !only.contains(one.partition()));
        if (to == null) {
            partitions.retainAll(before.keySet());
        }
        if (partitions.isEmpty()) {
            throw new ClientException("group " + name + " has committed nothing"
                    + (topics.isEmpty() ? ": say in which --topic to set offsets" : " there"));
        }
        Offsets asked = new Offsets(cluster, false);
        SortedMap<TopicPartition, Long> after = to == null
                ? shifted(asked, before, partitions, args.matchedOptionValue(SHIFT, 0L))
                : to.resolve(asked, partitions);
        if (!args.hasMatchedOption("--dry-run")) {
            offsets.commit(after, "", -1);
        }
        Table table = new Table("TOPIC", "PARTITION", "BEFORE", "AFTER");
        after.forEach((partition, offset) -> table.row(
                partition.topic(),
                partition.partition(),
                before.containsKey(partition) ? before.get(partition) : "",
                offset));
        table.print(console.out(), "");
        return ExitStatus.OK;
    }

    /** So many on, and no further than there are offsets. */
    private static SortedMap<TopicPartition, Long> shifted(
            Offsets offsets, SortedMap<TopicPartition, Long> before, Set<TopicPartition> partitions, long by) {
        SortedMap<TopicPartition, Long> begin = offsets.of(partitions, Offsets.BEGINNING);
        SortedMap<TopicPartition, Long> after = new TreeMap<>();
        offsets.of(partitions, Offsets.END).forEach((partition, end) -> {
            long wanted = before.getOrDefault(partition, 0L) + by;
            after.put(partition, Math.max(begin.getOrDefault(partition, 0L), Math.min(wanted, end)));
        });
        return after;
    }

    private static Set<Integer> only(ParseResult args) {
        Set<Integer> only = new TreeSet<>();
        List<String> texts = args.matchedOptionValue(PARTITION, List.of());
        for (String text : texts) {
            if (!text.matches("\\d{1,9}")) {
                throw new UsageException(PARTITION + "=" + text + ": allowed is a number from 0 on");
            }
            only.add(Integer.parseInt(text));
        }
        return only;
    }

    /** Null for where it is, and some more. */
    private @Nullable Position position(ParseResult args) {
        String text = args.matchedOptionValue("--to", null);
        if (args.hasMatchedOption(SHIFT)) {
            if (text != null) {
                throw new UsageException(SHIFT + ": is not for --to");
            }
            return null;
        }
        if (text == null) {
            throw new UsageException("--to is missing: allowed is " + Position.ALLOWED);
        }
        try {
            return Position.parse(text, console.time().wallClockMs());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--to=" + e.getMessage());
        }
    }

    private static void checkEmpty(Cluster cluster, String name) {
        try {
            Group group = Group.describe(cluster, name);
            if (!group.members().isEmpty()) {
                throw new ClientException("group " + name + " is " + group.state() + " with "
                        + group.members().size() + " members: it can be reset when they have left");
            }
        } catch (BrokerException e) {
            if (e.code() != ErrorCode.GROUP_ID_NOT_FOUND) {
                throw e;
            }
        }
    }
}
