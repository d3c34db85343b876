package io.gregor.cli;

import io.gregor.cli.command.Command;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.ExitStatus;
import io.gregor.cli.command.Spec;
import io.gregor.cli.command.UsageException;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Prints a script that completes commands and options in a shell. */
final class CompletionCommand implements Command {
    private final Console console;

    CompletionCommand(Console console) {
        this.console = console;
    }

    @Override
    public CommandSpec spec() {
        return Spec.of("completion", this, "Print a script with which a shell completes commands and options.")
                .argument("SHELL", "bash or zsh")
                .example("source <(gregor completion bash)")
                .build();
    }

    @Override
    public int run(ParseResult args) {
        String shell = args.matchedPositionalValue(0, "");
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new UsageException(shell + ": allowed is bash or zsh");
        }
        CommandLine root = new Commands(console).all();
        // The launcher does this one itself.
        root.addSubcommand(new CommandLine(Spec.of("start", this, "Start the broker.")
                .values("--override", "KEY=VALUE", "a setting of the broker")
                .example("gregor start")
                .build()));
        // The script is for bash, and loads bash's way of completion where it finds itself in zsh.
        console.out().println(AutoComplete.bash("gregor", root));
        return ExitStatus.OK;
    }
}
