package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.AssertionFailedError;

/** {@code gregor start --secure} as a user has it: the file that it names, given to clients and tools as it is. */
@Tag("once")
class SecureTest {
    private static final Pattern PRINTED = Pattern.compile("all that they need is in (\\S+)");
    private static final Pattern ADDRESS = Pattern.compile("answers on \\w+://(localhost:\\d+)");

    @TempDir
    Path folder;

    private Process process;
    private int starts;

    private Path output() {
        return folder.resolve("out" + starts);
    }

    /** Returns the file that it printed. */
    private Path start(String... words) throws IOException {
        starts++;
        List<String> command = new ArrayList<>(List.of(GregorProcess.launcher().toString(), "start"));
        command.addAll(List.of(words));
        String protocol = command.contains("--secure=mtls") ? "SSL" : "SASL_SSL";
        command.addAll(List.of(
                "--override=listeners=" + protocol + "://localhost:0",
                "--override=group.initial.rebalance.delay.ms=0",
                "--override=log.dirs=" + folder.resolve("data")));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output().toFile());
        builder.environment().put("GREGOR_JAVA_HOME", System.getProperty("java.home"));
        process = builder.start();
        Awaitility.await().until(() -> {
            assertThat(process.isAlive()).as(Files.readString(output())).isTrue();
            return Files.readString(output()).contains("Kafka Server started");
        });
        return Path.of(printed(PRINTED));
    }

    private String printed(Pattern pattern) throws IOException {
        Matcher matcher = pattern.matcher(Files.readString(output()));
        if (!matcher.find()) {
            throw new AssertionFailedError(pattern + " is not in " + Files.readString(output()));
        }
        return matcher.group(1);
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (process != null) {
            process.destroy();
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        }
    }

    private static Properties properties(Path file) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        }
        return properties;
    }

    private static void produce(Path client, String value) throws Exception {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(properties(client), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("orders", value)).get();
        }
    }

    private static List<String> consume(Path client, String group, int count) throws Exception {
        Properties settings = properties(client);
        settings.putAll(Map.of("group.id", group, "auto.offset.reset", "earliest"));
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("orders"));
            Awaitility.await().until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(found -> values.add(found.value()));
                return values.size() >= count;
            });
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"--secure", "--secure=plain", "--secure=mtls"})
    void clientsTakeThePrintedFileAsItIs(String option) throws Exception {
        Path client = start(option);
        try (Admin admin = Admin.create(properties(client))) {
            admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1)))
                    .all()
                    .get();
        }
        produce(client, "first");
        assertThat(consume(client, "a", 1)).containsExactly("first");
        assertThat(gregor(client, "consume", "orders", "--from", "beginning", "--count", "1")
                        .assertOk()
                        .out())
                .isEqualTo("first\n");
        process.destroyForcibly().waitFor();
        assertThat(start(option, "--dev")).isEqualTo(client);
        produce(client, "second");
        assertThat(consume(client, "b", 2)).containsExactly("first", "second");
        assertThat(Files.readString(output()))
                .contains("For development (--dev): ")
                .contains("Secure (" + (option.contains("=") ? option : "--secure=scram") + "): ")
                .contains("super.users=User:admin, allow.everyone.if.no.acl.found=false");
        Path password = client.resolveSibling("secure-admin.password");
        if (Files.exists(password)) {
            for (int i = 1; i <= starts; i++) {
                assertThat(folder.resolve("out" + i))
                        .content()
                        .doesNotContain(Files.readString(password).strip());
            }
        }
    }

    /** A command of the launcher with the file as it is. */
    private static Tool.Result gregor(Path client, String... words) throws Exception {
        List<Object> all = new ArrayList<>(
                List.of("GREGOR_JAVA_HOME=" + System.getProperty("java.home"), GregorProcess.launcher()));
        all.addAll(List.of((Object[]) words));
        all.addAll(List.of("--command-config", client));
        return Tool.of(Path.of("/usr/bin/env"), all.toArray()).run();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--secure=scram", "--secure=plain"})
    void theCommandsSayInOneLineWhyTheyAreRefused(String option) throws Exception {
        Path client = start(option);
        gregor(client, "topic", "create", "orders").assertOk();
        assertThat(gregor(client, "doctor").assertOk().out()).contains("speaks Kafka's protocol over TLS");
        String settings = Files.readString(client);
        Path other = folder.resolve("other.properties");
        Files.writeString(other, settings.replaceAll("password=\"[^\"]*", "password=\"wrong"));
        assertThat(gregor(other, "topic", "list"))
                .satisfies(refused -> assertThat(refused.status()).isEqualTo(1))
                .satisfies(refused -> assertThat(refused.out())
                        .contains(" as admin: ", "(SASL_AUTHENTICATION_FAILED)")
                        .hasLineCount(1));
        Files.writeString(other, settings.replaceAll("(?m)^ssl.truststore.*$", ""));
        assertThat(gregor(other, "topic", "list"))
                .satisfies(refused -> assertThat(refused.status()).isEqualTo(1))
                .satisfies(refused -> assertThat(refused.out())
                        .contains("unable to find valid certification path")
                        .hasLineCount(1));
    }

    @Test
    void kafkasToolsTakeThePrintedFileAsItIs() throws Exception {
        Path client = start("--secure");
        String address = printed(ADDRESS);
        List<String> with = List.of("--bootstrap-server", address, "--command-config", client.toString());
        kafka("TopicCommand", with, "--create", "--topic", "orders").run().assertOk();
        kafka("ConsoleProducer", with, "--topic", "orders").run("hello\n").assertOk();
        assertThat(kafka(
                                "consumer.ConsoleConsumer",
                                with,
                                "--topic",
                                "orders",
                                "--from-beginning",
                                "--max-messages",
                                "1")
                        .run()
                        .assertOk()
                        .out())
                .contains("hello");
        // The folder is one that Apache Kafka takes, with these files in it.
        stop();
        try (KafkaProcess kafka = KafkaProcess.startOn(folder, folder.resolve("data"));
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
            assertThat(admin.listTopics().names().get()).contains("orders");
        }
        assertThat(start("--secure")).isEqualTo(client);
        produce(client, "again");
    }

    private static Tool kafka(String tool, List<String> with, String... more) {
        List<Object> all = new ArrayList<>(with);
        all.addAll(List.of(more));
        return Tool.kafka("org.apache.kafka.tools." + tool, all.toArray());
    }

    @Test
    void opensslFindsTheChainAndTheNamesInOrder() throws Exception {
        Path client = start("--secure=mtls");
        String address = printed(ADDRESS);
        Path authority = client.resolveSibling("secure-ca.pem");
        for (String name : List.of("-verify_hostname localhost", "-verify_ip 127.0.0.1", "-verify_ip ::1")) {
            List<Object> arguments = new ArrayList<>(List.of("s_client", "-connect", address, "-brief"));
            arguments.addAll(List.of("-CAfile", authority, "-verify_return_error", "-x509_strict"));
            arguments.addAll(List.of("-cert", client.resolveSibling("secure-admin.pem")));
            arguments.addAll(List.of("-key", client.resolveSibling("secure-admin.pem")));
            arguments.addAll(List.of((Object[]) name.split(" ")));
            assertThat(Tool.installed("openssl", arguments.toArray())
                            .run()
                            .assertOk()
                            .out())
                    .contains("Verification: OK");
        }
        assertThat(Tool.installed(
                                "openssl",
                                "verify",
                                "-x509_strict",
                                "-purpose",
                                "sslclient",
                                "-CAfile",
                                authority,
                                client.resolveSibling("secure-admin.pem"))
                        .run()
                        .assertOk()
                        .out())
                .contains("OK");
        assertThat(Tool.installed(
                                "openssl",
                                "s_client",
                                "-connect",
                                address,
                                "-brief",
                                "-CAfile",
                                authority,
                                "-verify_return_error",
                                "-verify_hostname",
                                "other.example.com")
                        .run()
                        .status())
                .isNotZero();
    }
}
