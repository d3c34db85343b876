package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.Ports;
import io.gregor.compat.Tool;
import io.gregor.compat.TopicReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka Connect 4.3.1 in distributed mode with an exactly-once source, and MirrorMaker 2 between two brokers. */
@Tag("framework")
class ConnectTest {
    @TempDir
    Path folder;

    /** A process of Kafka's, from the jars on the class path, with a file of settings. */
    private Process launch(String mainClass, String name, String settings) throws IOException {
        Path file = folder.resolve(name + ".properties");
        Files.writeString(file, settings);
        return new ProcessBuilder(Tool.kafka(mainClass, file).command())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve(name + ".log").toFile()))
                .start();
    }

    private Process worker(GregorProcess broker, int port) throws IOException {
        return launch(
                "org.apache.kafka.connect.cli.ConnectDistributed", "connect", """
                bootstrap.servers=%s
                listeners=http://localhost:%d
                group.id=connect
                config.storage.topic=connect-configs
                offset.storage.topic=connect-offsets
                status.storage.topic=connect-status
                config.storage.replication.factor=1
                offset.storage.replication.factor=1
                status.storage.replication.factor=1
                key.converter=org.apache.kafka.connect.storage.StringConverter
                value.converter=org.apache.kafka.connect.storage.StringConverter
                exactly.once.source.support=enabled
                offset.flush.interval.ms=500
                session.timeout.ms=6000
                heartbeat.interval.ms=1000
                plugin.discovery=service_load
                """.formatted(broker.address(), port));
    }

    private static void put(int port, String name, String config) {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://localhost:" + port + "/connectors/" + name + "/config"))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(config))
                .build();
        Awaitility.await().ignoreExceptions().until(() -> {
            int status =
                    client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
            return status == 201 || status == 200;
        });
    }

    @Test
    void filesGoThroughATopic() throws Exception {
        Path in = folder.resolve("in.txt");
        Path out = folder.resolve("out.txt");
        Files.createFile(in);
        List<String> lines = new ArrayList<>();
        int port = Ports.free();
        try (GregorProcess broker = GregorProcess.start(folder)) {
            Process worker = worker(broker, port);
            try {
                put(port, "source", """
                        {"connector.class":"FileStreamSource","tasks.max":"1","file":"%s","topic":"lines"}
                        """.formatted(in));
                put(port, "sink", """
                        {"connector.class":"FileStreamSink","tasks.max":"1","file":"%s","topics":"lines"}
                        """.formatted(out));
                append(in, lines, 1000);
                awaitLines(out, lines);
                broker.kill();
                broker.startAgain();
                append(in, lines, 1000);
                awaitLines(out, lines);
                worker.destroyForcibly().waitFor();
                worker = worker(broker, port);
                append(in, lines, 1000);
                awaitLines(out, lines);
                assertThat(TopicReader.values(broker.address(), "lines")).isEqualTo(lines);
            } finally {
                worker.destroyForcibly().waitFor();
            }
        }
    }

    private static void append(Path file, List<String> lines, int count) throws IOException {
        List<String> added = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            added.add("line " + (lines.size() + i));
        }
        lines.addAll(added);
        Files.write(file, added, StandardOpenOption.APPEND);
    }

    /** A sink may write a line again after a crash, but leaves none out. */
    private static void awaitLines(Path out, List<String> lines) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> Files.exists(out)
                        && Files.readAllLines(out).stream().distinct().toList().equals(lines));
    }

    @Test
    void mirrorMakerCopiesTopicsAndOffsets() throws Exception {
        try (GregorProcess one = GregorProcess.start(Files.createDirectory(folder.resolve("one")));
                GregorProcess two = GregorProcess.start(Files.createDirectory(folder.resolve("two")));
                Admin source = Admin.create(Map.of("bootstrap.servers", one.address()));
                Admin target = Admin.create(Map.of("bootstrap.servers", two.address()))) {
            source.createTopics(
                            List.of(new NewTopic("orders", 1, (short) 1).configs(Map.of("retention.ms", "123456789"))))
                    .all()
                    .get();
            List<String> values = new ArrayList<>();
            try (Producer<String, String> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", one.address()), new StringSerializer(), new StringSerializer())) {
                for (int i = 0; i < 1000; i++) {
                    values.add("order " + i);
                    producer.send(new ProducerRecord<>("orders", 0, null, "order " + i));
                }
            }
            source.alterConsumerGroupOffsets(
                            "billing", Map.of(new TopicPartition("orders", 0), new OffsetAndMetadata(1000)))
                    .all()
                    .get();
            Process mirror = launch("org.apache.kafka.connect.mirror.MirrorMaker", "mirror", """
                    clusters=one,two
                    one.bootstrap.servers=%s
                    two.bootstrap.servers=%s
                    one->two.enabled=true
                    topics=orders
                    groups=billing
                    replication.factor=1
                    checkpoints.topic.replication.factor=1
                    heartbeats.topic.replication.factor=1
                    offset-syncs.topic.replication.factor=1
                    offset.storage.replication.factor=1
                    status.storage.replication.factor=1
                    config.storage.replication.factor=1
                    sync.group.offsets.enabled=true
                    sync.group.offsets.interval.seconds=1
                    emit.checkpoints.interval.seconds=1
                    refresh.topics.interval.seconds=2
                    refresh.groups.interval.seconds=2
                    exactly.once.source.support=enabled
                    """.formatted(
                            one.address(), two.address()));
            try {
                TopicPartition copy = new TopicPartition("one.orders", 0);
                Awaitility.await()
                        .atMost(Duration.ofMinutes(2))
                        .ignoreExceptions()
                        .until(() -> target.listConsumerGroupOffsets("billing")
                                .partitionsToOffsetAndMetadata()
                                .get()
                                .containsKey(copy));
                assertThat(TopicReader.values(two.address(), "one.orders")).isEqualTo(values);
            } finally {
                mirror.destroyForcibly().waitFor();
            }
        }
    }
}
