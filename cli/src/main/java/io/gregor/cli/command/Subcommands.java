package io.gregor.cli.command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** A command that is nothing but the parent of others. Immutable. */
public record Subcommands(String name, String description, String example) implements Command {
    @Override
    public CommandSpec spec() {
        return Spec.of(name, this, description).example(example).build();
    }

    @Override
    public int run(ParseResult args) {
        String names = String.join(", ", args.commandSpec().subcommands().keySet());
        throw new UsageException(args.commandSpec().qualifiedName(" ") + ": a command is missing, allowed is " + names);
    }
}
