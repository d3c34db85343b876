package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.Tool;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients in other languages: kcat, and those for Python. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("once")
class InstalledClientsTest {
    private static final String KCAT = "kcat";

    private final GregorProcess broker;

    InstalledClientsTest(@TempDir Path folder) throws Exception {
        broker = GregorProcess.start(folder);
    }

    @AfterAll
    void stop() throws Exception {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void kcatProducesAndConsumes(String compression) throws Exception {
        String topic = "kcat-" + compression;
        List<String> lines = IntStream.range(0, 2000).mapToObj(i -> "line " + i).toList();
        Tool.installed(KCAT, "-b", broker.address(), "-P", "-t", topic, "-z", compression)
                .run(String.join("\n", lines) + "\n")
                .assertOk();
        String out = Tool.installed(KCAT, "-q", "-b", broker.address(), "-C", "-t", topic, "-o", "beginning", "-e")
                .run()
                .assertOk()
                .out();
        assertThat(out.lines()).isEqualTo(lines);
    }

    @Test
    void kcatListsTheCluster() throws Exception {
        assertThat(Tool.installed(KCAT, "-b", broker.address(), "-L")
                        .run()
                        .assertOk()
                        .out())
                .contains("1 brokers:", "broker 1 at " + broker.address());
    }

    @Test
    void kcatJoinsAGroup() throws Exception {
        Tool.installed(KCAT, "-b", broker.address(), "-P", "-t", "kcat-group")
                .run("a\nb\nc\n")
                .assertOk();
        String out = Tool.installed(
                        KCAT,
                        "-q",
                        "-b",
                        broker.address(),
                        "-X",
                        "auto.offset.reset=earliest",
                        "-c",
                        "3",
                        "-G",
                        "kcats",
                        "kcat-group")
                .run()
                .assertOk()
                .out();
        assertThat(out).isEqualTo("a\nb\nc\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka_python.py", "confluent_kafka_python.py"})
    void pythonProducesConsumesAndCommits(String script) throws Exception {
        String out = Tool.python(script, broker.address()).run().assertOk().out();
        assertThat(out).contains("all well");
    }
}
