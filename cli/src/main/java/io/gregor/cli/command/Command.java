package io.gregor.cli.command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** One command. Made and run once, by the main thread. */
public interface Command {
    /** Its name, options and arguments. */
    CommandSpec spec();

    /**
     * Does what it is for.
     *
     * @return the exit status, see {@link ExitStatus}
     * @throws io.gregor.cli.client.ClientException with one line for the user, if that fails
     */
    int run(ParseResult args);
}
