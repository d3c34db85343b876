package io.gregor.upstream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The files beside this module that say which tests there are, and which pass. */
final class Lists {
    private Lists() {}

    static Path checkout() {
        return Path.of("..", "..").toAbsolutePath().normalize();
    }

    /** Every class of Apache Kafka with tests that want a cluster. */
    static List<String> classes() throws IOException {
        return read("classes.txt");
    }

    /** Those that every build runs. */
    static List<String> representative() throws IOException {
        return read("representative.txt");
    }

    /** Tests, {@code class#method}, that pass with Gregor behind them. */
    static List<String> passing() throws IOException {
        return read("passing.txt");
    }

    /** Classes that are not run, with what they need. */
    static Map<String, String> setAside() throws IOException {
        return pairs("set-aside.txt");
    }

    /** Patterns, and the reason for which a test that has one does not pass. */
    static Map<String, String> reasons() throws IOException {
        return pairs("reasons.txt");
    }

    private static Map<String, String> pairs(String file) throws IOException {
        Map<String, String> pairs = new LinkedHashMap<>();
        read(file).forEach(line -> pairs.put(line.split("\t", -1)[0], line.split("\t", -1)[1]));
        return pairs;
    }

    private static List<String> read(String file) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
    }
}
