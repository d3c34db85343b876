package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher and what an operator sees of it. */
class LauncherTest {
    @TempDir
    Path folder;

    private Tool.Result run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "env",
                "GREGOR_JAVA_HOME=" + System.getProperty("java.home"),
                GregorProcess.launcher().toString()));
        command.addAll(List.of(arguments));
        return new Tool(command).run();
    }

    @Test
    void helpAndVersionNeedNoBroker() throws Exception {
        assertThat(run("--help").assertOk().out())
                .contains("gregor start [--dev] [--secure] [--seed file.yaml]... [server.properties] [--override key=");
        assertThat(run("--version").assertOk().out()).startsWith("gregor ");
        assertThat(run("sing"))
                .isEqualTo(new Tool.Result(2, "gregor: sing: there is no such command; see gregor --help\n"));
        assertThat(run("topc", "list"))
                .isEqualTo(new Tool.Result(
                        2, "gregor: topc: there is no such command; did you mean topic?; see gregor --help\n"));
        assertThat(run().status()).isEqualTo(2);
    }

    @Test
    void aBadSettingIsNamedInOneLine() throws Exception {
        Tool.Result result = run("start", "--override", "num.partitions=none", "--override", "log.dirs=" + folder);
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).isEqualTo("gregor: num.partitions=none: allowed is a whole number from 1 on\n");
        assertThat(run("start", "--override", "listeners=nonsense").out())
                .isEqualTo("gregor: listeners=nonsense: allowed is a list of NAME://host:port, separated by commas,"
                        + " such as PLAINTEXT://localhost:9092\n");
        assertThat(run("start", "missing.properties").out())
                .isEqualTo("gregor: missing.properties: there is no such file that can be read\n");
        assertThat(run(
                                "start",
                                "--override",
                                "listeners=SSL://localhost:0",
                                "--override",
                                "security.inter.broker.protocol=SSL",
                                "--override",
                                "log.dirs=" + folder)
                        .out())
                .isEqualTo("gregor: ssl.keystore.location=: listener SSL needs a key store, allowed is a file\n");
        assertThat(run("start", "--override", "cordoned.log.dirs=elsewhere", "--override", "log.dirs=" + folder)
                        .out())
                .isEqualTo("gregor: All entries in cordoned.log.dirs must be present in log.dirs or log.dir."
                        + " Missing entries : elsewhere\n");
        assertThat(run(
                                "start",
                                "--override",
                                "authorizer.class.name=any.Authorizer",
                                "--override",
                                "log.dirs=" + folder)
                        .out())
                .isEqualTo("gregor: authorizer.class.name=any.Authorizer: allowed is"
                        + " org.apache.kafka.metadata.authorizer.StandardAuthorizer, or none, since no other class is"
                        + " loaded\n");
        assertThat(run("start", "--override", "gregor.metrics.listener=localhost:1", "--override", "log.dirs=" + folder)
                        .out())
                .contains("gregor.metrics.listener=localhost:1: allowed is");
    }

    @Test
    void whatIsNotSecureIsNamedInOneLine() throws Exception {
        assertThat(run("start", "--secure=tls"))
                .isEqualTo(new Tool.Result(
                        1,
                        "gregor: --secure=tls: allowed is --secure, or one of --secure=plain, --secure=scram,"
                                + " --secure=mtls\n"));
        assertThat(run("start", "--secure", "--override=listeners=PLAINTEXT://localhost:0"))
                .isEqualTo(new Tool.Result(
                        1,
                        "gregor: listeners=PLAINTEXT://localhost:0: PLAINTEXT has the protocol PLAINTEXT, allowed"
                                + " with --secure=scram is SASL_SSL, as in SASL_SSL://localhost:9092\n"));
    }

    @Test
    void aListenerThatCannotBeBoundSaysWhy() throws Exception {
        try (GregorProcess first = GregorProcess.start(Files.createDirectory(folder.resolve("first")))) {
            assertThat(run(
                                    "start",
                                    "--override",
                                    "listeners=PLAINTEXT://localhost:" + first.port(),
                                    "--override",
                                    "log.dirs=" + folder)
                            .out())
                    .isEqualTo("gregor: listeners=PLAINTEXT://localhost:" + first.port()
                            + ": the port is in use, maybe by another broker; allowed is one that is free\n");
        }
        assertThat(run(
                                "start",
                                "--override",
                                "listeners=PLAINTEXT://no-such-host.invalid:0",
                                "--override",
                                "log.dirs=" + folder)
                        .out())
                .isEqualTo("gregor: listeners=PLAINTEXT://no-such-host.invalid:0: the name of the host is not known,"
                        + " allowed is a name or an address of this host\n");
    }

    @Test
    void theLogTellsWhatHappens() throws Exception {
        try (GregorProcess broker = GregorProcess.start(folder)) {
            create(broker, "orders");
            Map<String, Object> settings = Map.of(
                    "bootstrap.servers",
                    broker.address(),
                    "client.id",
                    "reader",
                    "group.id",
                    "readers",
                    "key.deserializer",
                    StringDeserializer.class,
                    "value.deserializer",
                    StringDeserializer.class);
            try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
                consumer.subscribe(List.of("orders"));
                Awaitility.await().until(() -> {
                    consumer.poll(Duration.ofMillis(100));
                    return !consumer.assignment().isEmpty();
                });
            }
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address(), "client.id", "cleaner"))) {
                admin.deleteTopics(List.of("orders")).all().get();
            }
            Awaitility.await().until(() -> broker.output().contains("Deleted topic orders"));
            assertThat(broker.output())
                    .containsPattern(
                            "INFO Created topic orders with 3 partitions, id .{22} \\(asked for by User:ANONYMOUS")
                    .containsPattern(
                            "INFO Group readers rebalances after generation 0: member reader-.{36} joins, at /")
                    .containsPattern(
                            "INFO Group readers begins generation 1 after \\d+ ms, members: 1, of which reader-")
                    .containsPattern("INFO Member reader-.{36} of group readers is removed: it leaves, the consumer is")
                    .containsPattern("INFO Group readers has no members any more, in generation 2")
                    .containsPattern(
                            "INFO Deleted topic orders, id .{22} \\(asked for by .* with client id cleaner at /");
        }
    }

    @Test
    void aSecondBrokerOnTheSameFolderIsRefused() throws Exception {
        try (GregorProcess first = GregorProcess.start(folder)) {
            Tool.Result second = run(
                    "start",
                    "--override",
                    "listeners=PLAINTEXT://localhost:0",
                    "--override",
                    "log.dirs=" + first.data());
            assertThat(second.status()).isEqualTo(1);
            assertThat(second.out()).contains("another broker runs on this directory");
            assertThat(first.isAlive()).isTrue();
        }
    }

    @Test
    void aFolderOfAnotherNodeIsRefusedAndLeftAlone() throws Exception {
        try (GregorProcess broker = GregorProcess.start(folder)) {
            assertThat(broker.stop()).isZero();
            String before = Files.readString(broker.data().resolve("meta.properties"));
            Tool.Result other = run("start", "--override", "node.id=7", "--override", "log.dirs=" + broker.data());
            assertThat(other.status()).isEqualTo(1);
            assertThat(other.out()).contains("node.id=1", "allowed is 7");
            assertThat(broker.data().resolve("meta.properties")).hasContent(before);
        }
    }

    @Test
    void kafkasOwnSettingsForOneNodeStart() throws Exception {
        Path properties = folder.resolve("server.properties");
        Files.writeString(properties, """
                process.roles=broker,controller
                node.id=1
                controller.quorum.bootstrap.servers=localhost:9093
                listeners=PLAINTEXT://localhost:0,CONTROLLER://localhost:9093
                inter.broker.listener.name=PLAINTEXT
                advertised.listeners=PLAINTEXT://localhost:0,CONTROLLER://localhost:9093
                controller.listener.names=CONTROLLER
                listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL
                num.network.threads=3
                num.io.threads=8
                socket.send.buffer.bytes=102400
                socket.receive.buffer.bytes=102400
                socket.request.max.bytes=104857600
                log.dirs=%s
                num.partitions=1
                num.recovery.threads.per.data.dir=2
                offsets.topic.replication.factor=1
                log.retention.hours=168
                log.segment.bytes=1073741824
                log.retention.check.interval.ms=300000
                """.formatted(folder.resolve("logs")));
        Process process = new ProcessBuilder(GregorProcess.launcher().toString(), "start", properties.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        try {
            Awaitility.await()
                    .until(() -> Files.readString(folder.resolve("out")).contains("Kafka Server started"));
            String out = Files.readString(folder.resolve("out"));
            assertThat(out).contains("These settings change nothing here: controller.quorum.bootstrap.servers, ");
            assertThat(out)
                    .containsPattern(
                            "answers on PLAINTEXT://localhost:\\d+, data in .*, cluster id .{22}, after \\d+ ms");
            assertThat(Files.readString(folder.resolve("logs/meta.properties"))).contains("node.id=1", "version=1");
        } finally {
            process.destroy();
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void aTopicThatWasCreatedSurvivesAKill() throws Exception {
        try (GregorProcess broker = GregorProcess.start(folder)) {
            for (int i = 0; i < 5; i++) {
                create(broker, "topic" + i);
                broker.kill();
                broker.startAgain();
                assertThat(topics(broker)).hasSize(i + 1);
            }
        }
    }

    @Test
    void startsFromAFolderWithAnOddNameAndWithoutAHome() throws Exception {
        Path checkout = Files.createDirectory(folder.resolve("with a space & more"));
        Path original = GregorProcess.launcher().getParent();
        try (Stream<Path> files = Files.list(original)) {
            for (Path file : files.toList()) {
                Files.createSymbolicLink(checkout.resolve(file.getFileName()), file);
            }
        }
        Path launcher = checkout.resolve("gregor");
        Files.delete(launcher);
        Files.copy(original.resolve("gregor"), launcher, StandardCopyOption.COPY_ATTRIBUTES);
        ProcessBuilder builder = new ProcessBuilder(
                launcher.toString(),
                "start",
                "--override",
                "listeners=PLAINTEXT://localhost:0",
                "--override",
                "log.dirs=" + folder.resolve("logs"));
        builder.environment().remove("HOME");
        builder.environment().remove("JAVA_HOME");
        builder.environment().remove("GREGOR_JAVA_HOME");
        builder.environment().put("GREGOR_OPTS", "-Xmx24m");
        assertStarts(builder);
    }

    @Test
    void showsWhatItSetsForDevelopmentAndTakesLessMemory() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                GregorProcess.launcher().toString(),
                "start",
                "--dev",
                "--override",
                "listeners=PLAINTEXT://localhost:0",
                "--override",
                "offsets.topic.num.partitions=5",
                "--override",
                "log.dirs=" + folder.resolve("logs"));
        // Comes after what the launcher says, and shows all of it.
        builder.environment().put("GREGOR_OPTS", "-XX:+PrintCommandLineFlags");
        assertStarts(builder);
        assertThat(folder.resolve("out"))
                .content()
                .contains("For development (--dev): group.initial.rebalance.delay.ms=0,")
                .contains("; yours: offsets.topic.num.partitions=5")
                .contains("-XX:MaxHeapSize=67108864");
    }

    @Test
    void showsWhatASeedWouldDoAndWhatIsWrongWithOne() throws Exception {
        Path seed = Files.writeString(folder.resolve("seed.yaml"), "topics:\n- {name: orders, partitions: 3}\n");
        assertThat(run("start", "--seed", seed.toString(), "--seed-dry-run"))
                .isEqualTo(new Tool.Result(0, seed + ": what is not there yet\n  topic orders, partitions: 3\n"));
        Path data = folder.resolve("untouched");
        Files.writeString(seed, "topics:\n- {name: orders, partition: 3}\n");
        assertThat(run("start", "--seed=" + seed, "--override", "log.dirs=" + data))
                .isEqualTo(new Tool.Result(
                        1,
                        "gregor: " + seed
                                + ":2:18: there is no partition here, allowed are name, partitions, configs\n"));
        assertThat(data).doesNotExist();
    }

    @Test
    void aShellTakesTheCompletionInEitherWay() throws Exception {
        String script = new Cli("localhost:1").run("completion bash").assertOk().out();
        assertThat(script).startsWith("#!");
        Path bash = Missing.find("bash");
        // With the JVM whose cache is prepared by now.
        String command = "GREGOR_JAVA_HOME='" + System.getProperty("java.home") + "' '" + GregorProcess.launcher()
                + "' completion bash";
        for (String way : List.of("eval \"$(" + command + ")\"", "source <(" + command + ")")) {
            Tool.Result result = Tool.of(bash, "-c", "set -eu; " + way + "; complete -p gregor")
                    .run();
            assertThat(result.assertOk().out()).isEqualTo("complete -o default -F _complete_gregor gregor\n");
        }
    }

    @Test
    void whatIsNotAsciiArrivesWithoutALocale() throws Exception {
        new Cli("localhost:1").run("--version").assertOk();
        String home = System.getProperty("java.home");
        // The bytes of UTF-8, whatever this JVM's locale is.
        String command = "exec env -i PATH=\"$PATH\" GREGOR_JAVA_HOME='" + home + "' '" + GregorProcess.launcher()
                + "' produce t --acks $'\\xc3\\xa4'";
        Tool.Result result = Tool.of(Missing.find("bash"), "-c", command).run();
        assertThat(result).isEqualTo(new Tool.Result(2, "gregor: --acks=\u00e4: allowed is all, 1 or 0\n"));
    }

    private void assertStarts(ProcessBuilder builder) throws Exception {
        Path out = folder.resolve("out");
        Process process =
                builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();
        try {
            Awaitility.await()
                    .until(() -> !process.isAlive() || Files.readString(out).contains("Kafka Server started"));
            assertThat(out).content().contains("Kafka Server started");
        } finally {
            process.destroy();
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(process.exitValue()).isZero();
    }

    private static void create(GregorProcess broker, String topic) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
            admin.createTopics(List.of(new NewTopic(topic, 3, (short) 1))).all().get();
        }
    }

    private static Set<String> topics(GregorProcess broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
            return admin.listTopics().names().get();
        }
    }
}
