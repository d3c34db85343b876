package io.gregor.cli.doctor;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Findings, one a line, as they are made. Confined to the main thread. */
final class Report {
    private final PrintStream out;
    private int faults;
    private int unknowns;

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

    /** Something that could not be found out: nobody may take that for well. */
    void unknown(String what, String why) {
        unknowns++;
        line("?     ", what + ": unknown, because " + why);
    }

    private void line(String kind, String finding) {
        out.println(kind + finding);
        out.flush();
    }

    /** What is not well, in a few words; empty if all is. */
    String summary() {
        List<String> parts = new ArrayList<>();
        if (faults > 0) {
            parts.add(faults == 1 ? "1 fault" : faults + " faults");
        }
        if (unknowns > 0) {
            parts.add(unknowns + " unknown");
        }
        return String.join(", ", parts);
    }
}
