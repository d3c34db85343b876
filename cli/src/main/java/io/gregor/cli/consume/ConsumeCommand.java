package io.gregor.cli.consume;

import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.GroupCoordinator;
import io.gregor.cli.client.Topic;
import io.gregor.cli.client.TopicPartition;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.ExitStatus;
import io.gregor.cli.command.Spec;
import io.gregor.cli.command.UsageException;
import io.gregor.cli.text.Position;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** Prints the records of a topic. */
public final class ConsumeCommand extends BrokerCommand {
    private static final String FORMAT = "--format";

    public ConsumeCommand(Console console) {
        super(console);
    }

    @Override
    protected Spec describe() {
        return Spec.of("consume", this, "Print the records of a topic, up to its end as it is now.")
                .argument("TOPIC", "what to read")
                .value(
                        "--from",
                        "POSITION",
                        Position.ALLOWED + "; else beginning. With a group: where it has committed" + " nothing")
                .number("--count", "N", "ends after so many records")
                .flag("--follow", "goes on at the end, and prints what is written from then on")
                .number("--partition", "N", "reads this partition only")
                .value("--group", "GROUP", "reads as a member of this group, and commits what was printed")
                .value("--protocol", "classic|consumer", "of the group; else classic")
                .flag("--json", "prints one object a line: topic, partition, offset, timestamp, key, value, headers")
                .value(FORMAT, "TEXT", RecordFormat.HELP + "; else %v")
                .flag("--read-committed", "leaves out records of transactions that were not committed")
                .example("gregor consume greetings --from beginning --count 1")
                .example("gregor consume orders --follow --group billing --format '%p:%o %k=%v %h'")
                .example("gregor consume orders --from 15m --json");
    }

    @Override
    protected int run(Cluster cluster, ParseResult args) {
        Position from = from(args);
        long count = positive(args, "--count", Long.MAX_VALUE);
        RecordFormat format = format(args);
        String group = args.matchedOptionValue("--group", null);
        String protocol = args.matchedOptionValue("--protocol", "classic");
        if (!List.of("classic", "consumer").contains(protocol)) {
            throw new UsageException("--protocol=" + protocol + ": allowed is classic or consumer");
        }
        if (group != null && args.hasMatchedOption("--partition")) {
            throw new UsageException("--partition: a group's members do not choose their partitions");
        }
        Topic topic = Topic.find(cluster, args.matchedPositionalValue(0, ""));
        boolean committedOnly = args.hasMatchedOption("--read-committed");
        Reading reading =
                new Reading(cluster, console, format, committedOnly, count, args.hasMatchedOption("--follow"));
        if (group == null) {
            reading.read(partitions(topic, args), added -> from.resolve(reading.offsets(), added));
        } else {
            GroupCoordinator coordinator = new GroupCoordinator(cluster, group);
            Membership member = protocol.equals("classic")
                    ? new ClassicMember(coordinator, topic.name())
                    : new ConsumerMember(coordinator, topic.name(), topic.id(), console.random());
            new GroupReading(reading, member, coordinator, from, console::tell).read();
        }
        return ExitStatus.OK;
    }

    private Position from(ParseResult args) {
        try {
            return Position.parse(
                    args.matchedOptionValue("--from", "beginning"),
                    console.time().wallClockMs());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--from=" + e.getMessage());
        }
    }

    private static long positive(ParseResult args, String name, long otherwise) {
        long value = args.matchedOptionValue(name, otherwise);
        if (value < 1) {
            throw new UsageException(name + "=" + value + ": allowed is a number from 1 on");
        }
        return value;
    }

    private static RecordFormat format(ParseResult args) {
        boolean json = args.hasMatchedOption("--json");
        if (json && args.hasMatchedOption(FORMAT)) {
            throw new UsageException(FORMAT + ": is not for --json");
        }
        return json ? RecordFormat.json() : RecordFormat.of(args.matchedOptionValue(FORMAT, "%v"));
    }

    private static List<TopicPartition> partitions(Topic topic, ParseResult args) {
        if (!args.hasMatchedOption("--partition")) {
            return topic.partitions().stream()
                    .map(partition -> new TopicPartition(topic.name(), partition.index()))
                    .toList();
        }
        long wanted = args.matchedOptionValue("--partition", 0L);
        if (topic.partitions().stream().noneMatch(partition -> partition.index() == wanted)) {
            throw new ClientException("topic " + topic.name() + " has no partition " + wanted + ", it has "
                    + topic.partitions().size());
        }
        return List.of(new TopicPartition(topic.name(), (int) wanted));
    }
}
