package io.gregor.cli.topic;

import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Topic;
import io.gregor.cli.command.BrokerCommand;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.ExitStatus;
import io.gregor.cli.command.Spec;
import picocli.CommandLine.ParseResult;

/** Prints the names of the topics, one a line. */
public final class TopicList extends BrokerCommand {
    private static final String INTERNAL = "--internal";

    public TopicList(Console console) {
        super(console);
    }

    @Override
    protected Spec describe() {
        return Spec.of("list", this, "List the names of all topics, one a line.")
                .flag(INTERNAL, "also those that the brokers keep for themselves")
                .example("gregor topic list --internal");
    }

    @Override
    protected int run(Cluster cluster, ParseResult args) {
        for (Topic topic : Topic.all(cluster)) {
            if (args.hasMatchedOption(INTERNAL) || !topic.internal()) {
                console.out().println(topic.name());
            }
        }
        return ExitStatus.OK;
    }
}
