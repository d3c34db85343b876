package io.gregor.cli.doctor;

import java.io.PrintStream;

/** Findings, one a line, as they are made. Confined to the main thread. */
final class Report {
    private final PrintStream out;
    private int faults;

    Report(PrintStream out) {
        this.out = out;
    }

    void fine(String finding) {
        line("ok    ", finding);
    }

    void fault(String finding) {
        faults++;
        line("FAULT ", finding);
    }

    private void line(String kind, String finding) {
        out.println(kind + finding);
        out.flush();
    }

    int faults() {
        return faults;
    }
}
