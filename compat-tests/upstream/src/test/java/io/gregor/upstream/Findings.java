package io.gregor.upstream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes {@code passing.txt} and {@code FINDINGS.md} from the outcomes of runs: {@code Findings gregor folder... kafka
 * folder...}, of which the later ones count more. What was not run stays as it is.
 */
final class Findings {
    private static final int LONGEST_MESSAGE = 160;
    private static final String NOT_EXPLAINED = "not explained yet";
    private static final String NOT_OURS = "needs (several|security|share groups|streams groups).*";

    private final SortedSet<String> passing = new TreeSet<>();
    private final Map<String, Finding> failing = new TreeMap<>();

    /** With Apache Kafka: passes, fails, or nothing where that was not tried. */
    private record Finding(String withKafka, String reason) {}

    private Findings() {}

    public static void main(String[] arguments) throws IOException {
        List<String> all = List.of(arguments);
        int kafka = all.contains("kafka") ? all.indexOf("kafka") : all.size();
        new Findings().write(all.subList(1, kafka), all.subList(Math.min(kafka + 1, all.size()), all.size()));
    }

    private void write(List<String> gregor, List<String> kafka) throws IOException {
        Map<String, Finding> before = before();
        passing.addAll(Lists.passing());
        Map<String, String> patterns = Lists.reasons();
        List<String> notRun = new ArrayList<>();
        for (String name : Lists.classes()) {
            List<Outcome> outcomes = newest(gregor, name);
            List<Outcome> withKafka = newest(kafka, name);
            SortedSet<String> passedByKafka = Upstream.passed(withKafka);
            if (outcomes.isEmpty()) {
                before.forEach((test, finding) -> {
                    if (test.startsWith(name + "#")) {
                        failing.put(test, withKafka.isEmpty() ? finding : finding(passedByKafka, test, finding.reason));
                    }
                });
                if (Stream.concat(passing.stream(), failing.keySet().stream())
                        .noneMatch(test -> test.startsWith(name + "#"))) {
                    notRun.add(name);
                }
                continue;
            }
            passing.removeIf(test -> test.startsWith(name + "#"));
            passing.addAll(Upstream.passed(outcomes));
            for (Outcome outcome : outcomes) {
                String test = outcome.test();
                if (!passing.contains(test) && outcome.status() != Outcome.Status.PASSED) {
                    String reason = reason(patterns, outcome);
                    Finding finding = !withKafka.isEmpty()
                            ? finding(passedByKafka, test, reason)
                            : new Finding(before.getOrDefault(test, new Finding("", "")).withKafka, reason);
                    failing.putIfAbsent(test, finding);
                }
            }
        }
        List<String> lines =
                new ArrayList<>(List.of("# Tests of Apache Kafka 4.3.1 that pass with Gregor behind them."));
        lines.addAll(passing);
        Files.write(Path.of("passing.txt"), lines);
        Files.write(Path.of("FINDINGS.md"), findings(notRun));
    }

    private static Finding finding(SortedSet<String> passedByKafka, String test, String reason) {
        if (passedByKafka.contains(test)) {
            return new Finding("passes", reason);
        }
        return new Finding(
                "fails", reason.startsWith(NOT_EXPLAINED) ? "fails with Apache Kafka behind it too" : reason);
    }

    /** What FINDINGS.md said of each test. */
    private static Map<String, Finding> before() throws IOException {
        Map<String, Finding> before = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("FINDINGS.md"))) {
            String[] cells = line.split(" ?\\| ?", -1);
            if (cells.length > 4 && cells[1].contains("#")) {
                before.put(cells[1], new Finding(cells[2], cells[3]));
            }
        }
        return before;
    }

    private static List<Outcome> newest(List<String> folders, String name) throws IOException {
        List<Outcome> newest = List.of();
        for (String folder : folders) {
            Path results = Path.of(folder, name + ".tsv");
            if (Files.exists(results)) {
                newest =
                        Files.readAllLines(results).stream().map(Outcome::parse).toList();
            }
        }
        return newest;
    }

    private static String reason(Map<String, String> patterns, Outcome outcome) {
        String text = String.join(" ", outcome.test(), outcome.invocation(), outcome.reason());
        for (Map.Entry<String, String> one : patterns.entrySet()) {
            if (Pattern.compile(one.getKey()).matcher(text).find()) {
                return one.getValue();
            }
        }
        String message = outcome.reason();
        return NOT_EXPLAINED + ": "
                + message.substring(0, Math.min(message.length(), LONGEST_MESSAGE))
                        .replace("|", "/");
    }

    /** How many pass and how many do not, for each part of Apache Kafka. */
    private List<String> suites() {
        Map<String, Integer> passed = new TreeMap<>();
        Map<String, Integer> others = new TreeMap<>();
        passing.forEach(test -> passed.merge(suite(test), 1, Integer::sum));
        failing.keySet().forEach(test -> others.merge(suite(test), 1, Integer::sum));
        SortedSet<String> all = new TreeSet<>(passed.keySet());
        all.addAll(others.keySet());
        List<String> lines = new ArrayList<>(List.of("| suite | pass | do not |", "|---|---:|---:|"));
        all.forEach(suite -> lines.add(
                "| " + suite + " | " + passed.getOrDefault(suite, 0) + " | " + others.getOrDefault(suite, 0) + " |"));
        return lines;
    }

    /** The package below org.apache.kafka, of which the tests in Scala have none. */
    private static String suite(String test) {
        String prefix = "org.apache.kafka.";
        return test.startsWith(prefix) ? test.substring(prefix.length()).replaceFirst("\\..*", "") : "core";
    }

    private List<String> findings(List<String> notRun) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        failing.values().forEach(finding -> counts.merge(finding.reason.replaceFirst(": .*", ""), 1, Integer::sum));
        long ours = failing.values().stream()
                .filter(finding -> finding.withKafka.equals("passes") && !finding.reason.matches(NOT_OURS))
                .count();
        List<String> lines = new ArrayList<>();
        lines.add("# Tests of Apache Kafka that do not pass with Gregor behind them");
        lines.add("");
        lines.add("Made by `Findings` from the outcomes of runs and `reasons.txt`. " + passing.size()
                + " tests pass (`passing.txt`), " + failing.size()
                + " do not, for reasons that are counted here. Of the tests"
                + " that need one broker and neither security, share groups nor streams groups, " + ours
                + " pass with Apache Kafka behind them through the same harness, where that was tried,"
                + " and not with Gregor: "
                + String.format(Locale.ROOT, "%.1f %%", 100.0 * passing.size() / (passing.size() + ours))
                + " pass with Gregor.");
        lines.add("");
        lines.addAll(suites());
        lines.add("");
        lines.add("| tests | reason |");
        lines.add("|---:|---|");
        counts.forEach((reason, count) -> lines.add("| " + count + " | " + reason + " |"));
        lines.add("");
        lines.add("| test | with Apache Kafka | reason |");
        lines.add("|---|---|---|");
        failing.forEach(
                (test, finding) -> lines.add("| " + test + " | " + finding.withKafka + " | " + finding.reason + " |"));
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
