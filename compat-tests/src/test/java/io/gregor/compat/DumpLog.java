package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.tools.DumpLogSegments;

/** Apache Kafka's own {@code kafka-dump-log}, over all that a broker has left behind. */
public final class DumpLog {
    private static final Pattern LOG_FILE =
            Pattern.compile(".*/[^/]+-[0-9]+/[0-9]{20}\\.(log|index|timeindex|snapshot|txnindex)");
    private static final Pattern BAD = Pattern.compile("[Mm]ismatch|isvalid: false|Exception|corrupt|Found timestamp");

    private DumpLog() {}

    /** Every segment, index and snapshot anywhere below that folder is sound. */
    public static void assertSound(Path folder) throws IOException, InterruptedException {
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
        Process dump = new ProcessBuilder(
                        Tool.java("1g", DumpLog.class.getName(), list).command())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(dump.waitFor()).as("kafka-dump-log ended well, see " + out).isZero();
        try (Stream<String> lines = Files.lines(out)) {
            assertThat(lines.filter(line -> BAD.matcher(line).find()).toList())
                    .as("complaints of kafka-dump-log about " + folder)
                    .isEmpty();
        }
        assertThat(out).content().contains("Dumping");
        Files.delete(list);
        Files.delete(out);
    }

    /** Runs the tool in each of its modes. */
    public static void main(String[] arguments) throws IOException {
        String files = Files.readString(Path.of(arguments[0]));
        for (String how : List.of("--deep-iteration", "--index-sanity-check", "--verify-index-only")) {
            DumpLogSegments.main(new String[] {"--files", files, how});
        }
    }
}
