package io.gregor.upstream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Writes {@code passing.txt} and {@code FINDINGS.md} from the outcomes of runs: {@code Findings folder...}, of which the
 * later ones count more. What was not run stays as it is.
 */
final class Findings {
    private static final int LONGEST_MESSAGE = 160;

    private final SortedSet<String> passing = new TreeSet<>();
    private final Map<String, String> failing = new TreeMap<>();

    private Findings() {}

    public static void main(String[] arguments) throws IOException {
        new Findings().write(arguments);
    }

    private void write(String[] folders) throws IOException {
        passing.addAll(Lists.passing());
        Map<String, String> patterns = Lists.reasons();
        List<String> notRun = new ArrayList<>();
        for (String name : Lists.classes()) {
            Path newest = null;
            for (String folder : folders) {
                Path results = Path.of(folder, name + ".tsv");
                newest = Files.exists(results) ? results : newest;
            }
            if (newest == null) {
                notRun.add(name);
                continue;
            }
            List<Outcome> outcomes =
                    Files.readAllLines(newest).stream().map(Outcome::parse).toList();
            passing.removeIf(test -> test.startsWith(name + "#"));
            passing.addAll(Upstream.passed(outcomes));
            for (Outcome outcome : outcomes) {
                if (!passing.contains(outcome.test()) && outcome.status() != Outcome.Status.PASSED) {
                    failing.putIfAbsent(outcome.test(), reason(patterns, outcome));
                }
            }
        }
        List<String> lines =
                new ArrayList<>(List.of("# Tests of Apache Kafka 4.3.1 that pass with Gregor behind them."));
        lines.addAll(passing);
        Files.write(Path.of("passing.txt"), lines);
        Files.write(Path.of("FINDINGS.md"), findings(notRun));
    }

    private static String reason(Map<String, String> patterns, Outcome outcome) {
        String text = String.join(" ", outcome.test(), outcome.invocation(), outcome.reason());
        for (Map.Entry<String, String> one : patterns.entrySet()) {
            if (Pattern.compile(one.getKey()).matcher(text).find()) {
                return one.getValue();
            }
        }
        String message = outcome.reason();
        return "not explained yet: "
                + message.substring(0, Math.min(message.length(), LONGEST_MESSAGE))
                        .replace("|", "/");
    }

    private List<String> findings(List<String> notRun) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        failing.values().forEach(reason -> counts.merge(reason.replaceFirst(": .*", ""), 1, Integer::sum));
        List<String> lines = new ArrayList<>();
        lines.add("# Tests of Apache Kafka that do not pass with Gregor behind them");
        lines.add("");
        lines.add("Made by `Findings` from the outcomes of a run and `reasons.txt`. " + passing.size()
                + " tests pass (`passing.txt`), " + failing.size() + " do not:");
        lines.add("");
        lines.add("| tests | reason |");
        lines.add("|---:|---|");
        counts.forEach((reason, count) -> lines.add("| " + count + " | " + reason + " |"));
        lines.add("");
        lines.add("| test | reason |");
        lines.add("|---|---|");
        failing.forEach((test, reason) -> lines.add("| " + test + " | " + reason + " |"));
        lines.add("");
        lines.add("Classes that are not run:");
        lines.add("");
        lines.add("| class | needs |");
        lines.add("|---|---|");
        Lists.setAside().forEach((name, needs) -> lines.add("| " + name + " | " + needs + " |"));
        notRun.forEach(name -> lines.add("| " + name + " | was not run yet |"));
        return lines;
    }
}
