package io.gregor.compat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * A tool that is not there: the test that needs it is left out, and the last line of the build says so; in CI the test
 * fails.
 */
final class Missing {
    private static final Path LEFT_OUT = Path.of("target", "left-out");

    private Missing() {}

    /** A program on the PATH. */
    static Path find(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin").split(File.pathSeparator))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> tool(program + " is not installed", "the package " + program));
    }

    /**
     * What ends the test.
     *
     * @param howToGetIt the package, or whatever else it takes
     */
    static RuntimeException tool(String what, String howToGetIt) {
        String line = what + " (get " + howToGetIt + ")";
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError(line + ", and CI must have it");
        }
        try {
            Files.createDirectories(LEFT_OUT);
            Files.writeString(LEFT_OUT.resolve(what.replaceAll("\\W+", "-")), line + "; ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new TestAbortedException(line);
    }
}
