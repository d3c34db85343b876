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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs test classes of Apache Kafka, each in a JVM of its own, and gathers what became of them: {@code Upstream
 * gregor|kafka folder class...}
 */
final class Upstream {
    private static final int MINUTES_A_CLASS = 20;

    private final BrokerProgram broker;
    private final Path folder;

    Upstream(BrokerProgram broker, Path folder) {
        this.broker = broker;
        this.folder = folder;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path folder = Path.of(arguments[1]).toAbsolutePath();
        Upstream upstream = new Upstream(program(arguments[0], folder), folder);
        List<String> classes = List.of(arguments).subList(2, arguments.length);
        for (String name : classes.isEmpty() ? Lists.classes() : classes) {
            long start = System.currentTimeMillis();
            Map<Outcome.Status, Long> counts = new TreeMap<>();
            upstream.run(name).forEach(outcome -> counts.merge(outcome.status(), 1L, Long::sum));
            System.out.printf("%s %d s %s%n", name, (System.currentTimeMillis() - start) / 1_000, counts);
        }
    }

    private static BrokerProgram program(String name, Path folder) {
        return switch (name) {
            case "gregor" -> BrokerProgram.gregor(Lists.checkout());
            case "kafka" -> BrokerProgram.apacheKafka(folder.resolve("kafka.jsa"));
            default -> throw new IllegalArgumentException("gregor or kafka, not " + name);
        };
    }

    /** Every invocation that was made, and the class as failed if its JVM had to be ended. */
    List<Outcome> run(String className) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path results = folder.resolve(className + ".tsv");
        Files.deleteIfExists(results);
        Path temporary = Files.createTempDirectory("upstream-class");
        Process process = new ProcessBuilder(command(results, className, temporary))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(className + ".log").toFile())
                .start();
        Thread whenEnded = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(whenEnded);
        boolean ended = process.waitFor(MINUTES_A_CLASS, TimeUnit.MINUTES);
        if (!ended) {
            process.destroy();
            process.waitFor();
        }
        Runtime.getRuntime().removeShutdownHook(whenEnded);
        delete(temporary);
        List<Outcome> outcomes = new ArrayList<>();
        if (Files.exists(results)) {
            Files.readAllLines(results).forEach(line -> outcomes.add(Outcome.parse(line)));
        }
        if (process.exitValue() != 0) {
            Outcome broken = new Outcome(
                    className + "#" + Outcome.WHOLE_CLASS,
                    "",
                    Outcome.Status.FAILED,
                    ended ? "its JVM ended with " + process.exitValue() : "not within " + MINUTES_A_CLASS + " minutes");
            Files.writeString(
                    results,
                    broken.toLine() + "\n",
                    java.nio.file.StandardOpenOption.CREATE,
                    java.nio.file.StandardOpenOption.APPEND);
            outcomes.add(broken);
        }
        return outcomes;
    }

    private List<String> command(Path results, String className, Path temporary) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dlog4j2.configurationFile=classpath:upstream-log4j2.properties",
                "-Djava.awt.headless=true",
                "-Djava.io.tmpdir=" + temporary,
                "-D" + BrokerProgram.SETTING + "=" + broker.asSetting()));
        command.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), ClassRun.class.getName(), results.toString(), className));
        return command;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** The tests of which every invocation passed. */
    static SortedSet<String> passed(List<Outcome> outcomes) {
        SortedSet<String> passed = new TreeSet<>();
        outcomes.forEach(outcome -> {
            if (outcome.status() == Outcome.Status.PASSED) {
                passed.add(outcome.test());
            }
        });
        outcomes.forEach(outcome -> {
            if (outcome.status() != Outcome.Status.PASSED) {
                passed.remove(outcome.test());
            }
        });
        return passed;
    }
}
