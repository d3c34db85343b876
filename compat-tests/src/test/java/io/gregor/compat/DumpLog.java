package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.tools.DumpLogSegments;

/**
 * Apache Kafka's own {@code kafka-dump-log}, over all that a broker has left behind. One process for all folders, which
 * ends with this JVM: starting it takes longer than its work. Thread-safe.
 */
public final class DumpLog {
    private static final Pattern LOG_FILE =
            Pattern.compile(".*/[^/]+-[0-9]+/[0-9]{20}\\.(log|index|timeindex|snapshot|txnindex)");
    private static final Pattern BAD = Pattern.compile("[Mm]ismatch|isvalid: false|Exception|corrupt|Found timestamp");

    private static Process process;

    private DumpLog() {}

    /** Every segment, index and snapshot anywhere below that folder is sound. */
    public static void assertSound(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        String files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.map(Path::toString)
                    .filter(name -> LOG_FILE.matcher(name).matches())
                    .sorted()
                    .collect(Collectors.joining(","));
        }
        if (files.isEmpty()) {
            return;
        }
        Path list = Files.writeString(Files.createTempFile("dump", ".list"), files);
        Path out = Files.createTempFile("dump", ".out");
        assertThat(dump(list, out)).as("kafka-dump-log ended, see " + out).isEqualTo("done");
        try (Stream<String> lines = Files.lines(out)) {
            assertThat(lines.filter(line -> BAD.matcher(line).find()).toList())
                    .as("complaints of kafka-dump-log about " + folder)
                    .isEmpty();
        }
        assertThat(out).content().contains("Dumping");
        Files.delete(list);
        Files.delete(out);
    }

    /** What the process says when it has dumped the files on that list; null if it ended. */
    private static synchronized String dump(Path list, Path out) throws IOException {
        if (process == null || !process.isAlive()) {
            process = new ProcessBuilder(
                            Tool.java("1g", DumpLog.class.getName()).command())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        }
        process.outputWriter().append(list + "\n" + out + "\n").flush();
        return process.inputReader().readLine();
    }

    /** Runs the tool in each of its modes over the files on each list that is read, until there are no more. */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String list = in.readLine(); list != null; list = in.readLine()) {
            String files = Files.readString(Path.of(list));
            try (PrintStream out = new PrintStream(in.readLine(), StandardCharsets.UTF_8)) {
                System.setOut(out);
                System.setErr(out);
                for (String how : List.of("--deep-iteration", "--index-sanity-check", "--verify-index-only")) {
                    DumpLogSegments.main(new String[] {"--files", files, how});
                }
            }
            answers.println("done");
        }
    }
}
