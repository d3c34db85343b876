package io.gregor.cli;

import io.gregor.cli.client.ClientException;
import io.gregor.cli.command.Command;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.ExitStatus;
import io.gregor.cli.command.OutputException;
import io.gregor.cli.command.UsageException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** One run of the command line: parses, runs, and says errors in one line each. Confined to the main thread. */
public final class Invocation {
    private static final int HELP_WIDTH = 100;

    private final Console console;

    public Invocation(Console console) {
        this.console = console;
    }

    /** @return the exit status */
    public int run(String... args) {
        CommandLine root = new Commands(console).lineFor(args);
        try {
            ParseResult parsed = root.parseArgs(args);
            while (parsed.hasSubcommand() && !parsed.isUsageHelpRequested()) {
                parsed = parsed.subcommand();
            }
            CommandLine line = parsed.commandSpec().commandLine();
            if (parsed.isUsageHelpRequested()) {
                line.setUsageHelpWidth(HELP_WIDTH);
                line.usage(console.out());
                console.out().writeOut();
                return ExitStatus.OK;
            }
            Command command = line.getCommand();
            int status = command.run(parsed);
            console.out().writeOut();
            return status;
        } catch (ParameterException e) {
            return fail(ExitStatus.USAGE, usage(e));
        } catch (UsageException e) {
            return fail(ExitStatus.USAGE, e.getMessage());
        } catch (OutputException e) {
            return e.isClosedPipe() ? ExitStatus.FAILED : fail(ExitStatus.FAILED, e.getMessage());
        } catch (ClientException e) {
            return fail(ExitStatus.FAILED, e.getMessage());
        }
    }

    private int fail(int status, @Nullable String message) {
        console.tell(String.valueOf(message));
        return status;
    }

    /** One line, with what may have been meant. */
    private static String usage(ParameterException e) {
        String message = String.valueOf(e.getMessage()).replace('\n', ' ').strip();
        List<String> meant = e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        String command = e.getCommandLine().getCommandSpec().qualifiedName(" ");
        return message
                + (meant.isEmpty() ? "" : "; did you mean " + meant.get(0) + "?")
                + "; see " + command + " --help";
    }
}
