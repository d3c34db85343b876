package io.gregor.cli.command;

import io.gregor.cli.client.Cluster;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** A command that talks to brokers. Made and run once, by the main thread. */
public abstract class BrokerCommand implements Command {
    protected final Console console;

    protected BrokerCommand(Console console) {
        this.console = console;
    }

    /** What it has beside the options that say where the brokers are. */
    protected abstract Spec describe();

    protected abstract int run(Cluster cluster, ParseResult args);

    @Override
    public final CommandSpec spec() {
        return ConnectionOptions.addTo(describe()).build();
    }

    @Override
    public final int run(ParseResult args) {
        try (Cluster cluster = new Cluster(ConnectionOptions.settings(args, console.environment()), console.time())) {
            return run(cluster, args);
        }
    }
}
