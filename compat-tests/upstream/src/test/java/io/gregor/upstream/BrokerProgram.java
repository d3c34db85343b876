package io.gregor.upstream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The broker that stands behind the tests: a command line, so that the same tests run against Gregor and against
 * Apache Kafka. {@code {properties}} in it is the path of the broker's configuration.
 */
record BrokerProgram(List<String> command) {
    /** What both brokers print once they serve requests. */
    private static final String READY = "Kafka Server started";

    private static final String APACHE_KAFKA = "kafka.Kafka";

    static final String SETTING = "upstream.broker";

    /** That of the system property, one argument a line. */
    static BrokerProgram configured() {
        return new BrokerProgram(List.of(System.getProperty(SETTING).split("\n", -1)));
    }

    static BrokerProgram gregor(Path checkout) {
        return new BrokerProgram(List.of(checkout.resolve("gregor").toString(), "start", "{properties}"));
    }

    static BrokerProgram apacheKafka(Path archive) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx400m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dlog4j2.configurationFile=classpath:upstream-log4j2.properties",
                "-Dupstream.log=Console"));
        if (Runtime.version().feature() >= 19) {
            command.addAll(List.of("-XX:+AutoCreateSharedArchive", "-XX:SharedArchiveFile=" + archive));
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), APACHE_KAFKA, "{properties}"));
        return new BrokerProgram(command);
    }

    /** Gregor does not have them yet. */
    boolean hasStreamsGroups() {
        return command.contains(APACHE_KAFKA);
    }

    String asSetting() {
        return String.join("\n", command);
    }

    Process launch(Path properties, Path output) {
        ProcessBuilder builder = new ProcessBuilder(command.stream()
                        .map(argument -> argument.replace("{properties}", properties.toString()))
                        .toList())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        Map<String, String> environment = builder.environment();
        environment.put("GREGOR_JAVA_HOME", System.getProperty("java.home"));
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How often a broker that prints there has become ready. */
    static int timesReady(Path output) {
        try {
            return Files.exists(output) ? Files.readString(output).split(READY, -1).length - 1 : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
