package io.gregor.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that does not use a feature loads nothing of it. */
class ClassLoadingTest {
    @TempDir
    private Path folder;

    @Test
    void aBrokerThatUsesNoFeatureLoadsNoneOfThem() throws Exception {
        Path loaded = folder.resolve("loaded");
        Path output = folder.resolve("output");
        Process broker = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load:file=" + loaded,
                        "-Djava.io.tmpdir=" + folder,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        JvmCacheTraining.OPTION)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(broker.waitFor()).as(() -> read(output)).isZero();
        List<String> classes = Files.readAllLines(loaded);
        assertThat(classes).anyMatch(line -> line.contains("io.gregor.broker.net.Connection "));
        for (String room : List.of(
                "io.netty.handler.",
                "io.netty.internal.tcnative.",
                "io.gregor.broker.net.tls.",
                "io.gregor.broker.net.limit.CreationRates",
                "io.gregor.broker.net.limit.LastUse",
                "io.gregor.broker.net.limit.Limit",
                "io.gregor.broker.security.",
                "io.gregor.broker.metrics.",
                "io.gregor.broker.seed.",
                "io.gregor.broker.secure.",
                "org.snakeyaml.",
                "io.gregor.broker.logging.JsonLine",
                "io.prometheus.",
                "io.gregor.broker.access.AclAuthorizer",
                "io.gregor.broker.access.AclIndex",
                "io.gregor.broker.access.RequestAccess",
                "io.gregor.broker.access.RefusedRequest",
                "javax.security.sasl.",
                "com.sun.security.sasl.",
                "javax.net.ssl.",
                "sun.security.ssl.")) {
            assertThat(classes).filteredOn(line -> line.contains(room)).isEmpty();
        }
    }

    private static String read(Path output) {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
