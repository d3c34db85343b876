package io.gregor.cli.command;

import io.gregor.cli.client.ClientException;

/** What became of several things that one command was asked for: each may fail by itself. Confined to one thread. */
public final class Outcomes {
    private final Console console;
    private boolean failed;

    public Outcomes(Console console) {
        this.console = console;
    }

    /** Runs it, and says on the error stream in one line why it failed, if it does. */
    public void add(Runnable one) {
        try {
            one.run();
        } catch (ClientException e) {
            failed = true;
            console.tell(String.valueOf(e.getMessage()));
        }
    }

    public int status() {
        return failed ? ExitStatus.FAILED : ExitStatus.OK;
    }
}
