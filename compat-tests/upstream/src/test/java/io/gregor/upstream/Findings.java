package io.gregor.upstream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Writes the list of tests that pass from the outcomes of a run: {@code Findings folder}. Tests of classes that were not run stay. */
final class Findings {
    private Findings() {}

    public static void main(String[] arguments) throws IOException {
        Map<String, List<Outcome>> outcomes = new TreeMap<>();
        for (String name : Lists.classes()) {
            Path results = Path.of(arguments[0], name + ".tsv");
            if (Files.exists(results)) {
                outcomes.put(
                        name,
                        Files.readAllLines(results).stream().map(Outcome::parse).toList());
            }
        }
        TreeSet<String> passing = new TreeSet<>(Lists.passing());
        passing.removeIf(test -> outcomes.containsKey(test.split("#", -1)[0]));
        outcomes.values().forEach(some -> passing.addAll(Upstream.passed(some)));
        List<String> lines =
                new ArrayList<>(List.of("# Tests of Apache Kafka 4.3.1 that pass with Gregor behind them."));
        lines.addAll(passing);
        Files.write(Path.of("passing.txt"), lines);
    }
}
