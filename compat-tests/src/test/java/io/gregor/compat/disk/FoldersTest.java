package io.gregor.compat.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.TopicReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.LogDirNotFoundException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several log directories: partitions move between them while they are written, one fills up, one fails. */
@Tag("once")
class FoldersTest {
    private static final int BROKER = 1;

    @TempDir
    Path folder;

    private Path dir(String name) {
        return folder.resolve(name).toAbsolutePath();
    }

    private GregorProcess start(String... overrides) throws IOException {
        List<String> all = new ArrayList<>(List.of(overrides));
        all.add("log.dirs=" + dir("a") + "," + dir("b"));
        all.add("log.segment.bytes=1048576");
        all.add("file.delete.delay.ms=1000");
        return GregorProcess.start(folder, all.toArray(String[]::new));
    }

    private static Map<String, Object> settings(GregorProcess broker) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", broker.address());
        settings.put("acks", "all");
        settings.put("delivery.timeout.ms", 120_000);
        settings.put("reconnect.backoff.max.ms", 100);
        return settings;
    }

    private static Producer<String, String> producer(GregorProcess broker, Map<String, Object> more) {
        Map<String, Object> settings = settings(broker);
        settings.putAll(more);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private static void move(Admin admin, String topic, Path to) throws Exception {
        admin.alterReplicaLogDirs(Map.of(new TopicPartitionReplica(topic, 0, BROKER), to.toString()))
                .all()
                .get();
    }

    private static void awaitIn(Admin admin, String topic, Path dir) {
        Awaitility.await().untilAsserted(() -> {
            Map<String, LogDirDescription> dirs = admin.describeLogDirs(List.of(BROKER))
                    .allDescriptions()
                    .get()
                    .get(BROKER);
            dirs.forEach((name, description) -> assertThat(
                            description.replicaInfos().containsKey(new TopicPartition(topic, 0)))
                    .as(name)
                    .isEqualTo(name.equals(dir.toString())));
        });
    }

    private static boolean holds(Path dir, String prefix) throws IOException {
        try (Stream<Path> paths = Files.list(dir)) {
            return paths.anyMatch(path -> path.getFileName().toString().startsWith(prefix));
        }
    }

    /** Writes until told to stop; what was acknowledged, in order. */
    private static final class Writer implements AutoCloseable {
        private final AtomicBoolean stop = new AtomicBoolean();
        private final ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
        private final Thread thread;

        Writer(GregorProcess broker, String topic) {
            thread = new Thread(() -> write(broker, topic));
            thread.start();
        }

        private void write(GregorProcess broker, String topic) {
            try (Producer<String, String> producer = producer(broker, Map.of("linger.ms", 2))) {
                for (int i = 0; !stop.get(); i++) {
                    String value = "%09d".formatted(i) + "x".repeat(100);
                    producer.send(new ProducerRecord<>(topic, 0, null, value), (metadata, error) -> {
                        if (error == null) {
                            acknowledged.add(value);
                        }
                    });
                    if (i % 500 == 0) {
                        producer.flush();
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                    }
                }
            }
        }

        void awaitMore() {
            int before = acknowledged.size();
            Awaitility.await().until(() -> acknowledged.size() > before + 3000);
        }

        List<String> acknowledged() {
            return List.copyOf(acknowledged);
        }

        @Override
        public void close() throws InterruptedException {
            stop.set(true);
            thread.join();
        }
    }

    @Test
    void aPartitionMovesWhileItIsWritten() throws Exception {
        try (GregorProcess broker = start();
                Admin admin = Admin.create(settings(broker))) {
            admin.createTopics(List.of(
                            new NewTopic("plain", 1, (short) 1),
                            new NewTopic("flushed", 1, (short) 1).configs(Map.of("flush.messages", "1"))))
                    .all()
                    .get();
            try (Writer plain = new Writer(broker, "plain");
                    Writer flushed = new Writer(broker, "flushed")) {
                for (String to : List.of("b", "a", "b")) {
                    plain.awaitMore();
                    flushed.awaitMore();
                    move(admin, "plain", dir(to));
                    move(admin, "flushed", dir(to));
                    awaitIn(admin, "plain", dir(to));
                    awaitIn(admin, "flushed", dir(to));
                }
                move(admin, "plain", dir("a"));
                broker.kill();
                broker.startAgain();
                awaitIn(admin, "plain", dir("a"));
                plain.awaitMore();
                flushed.awaitMore();
                plain.close();
                flushed.close();
                for (String topic : List.of("plain", "flushed")) {
                    List<String> expected = (topic.equals("plain") ? plain : flushed).acknowledged();
                    assertThat(Set.copyOf(readInOrder(broker, topic)).containsAll(expected))
                            .as("%s has all that was acknowledged", topic)
                            .isTrue();
                }
            }
            assertThat(broker.stop()).isZero();
            Awaitility.await().until(() -> holds(dir("a"), "plain-0"));
            broker.startAgain();
            assertThat(holds(dir("a"), "plain-0")).isTrue();
            assertThat(holds(dir("b"), "plain-0")).isFalse();
            assertThat(readInOrder(broker, "plain")).isNotEmpty();
        }
    }

    /** Each once, in the order in which they were sent. */
    private static List<String> readInOrder(GregorProcess broker, String topic) {
        List<String> read = TopicReader.values(broker.address(), topic);
        assertThat(read).isSorted();
        assertThat(Set.copyOf(read)).hasSize(read.size());
        return read;
    }

    @Test
    void whatCannotBeMovedIsRefused() throws Exception {
        try (GregorProcess broker = start();
                Admin admin = Admin.create(settings(broker))) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
            assertThatThrownBy(() -> move(admin, "t", Path.of("/nowhere")))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(LogDirNotFoundException.class);
            // A topic that is to come goes where it was sent before.
            assertThatThrownBy(() -> move(admin, "later", dir("b"))).isInstanceOf(ExecutionException.class);
            admin.createTopics(List.of(new NewTopic("later", 1, (short) 1)))
                    .all()
                    .get();
            awaitIn(admin, "later", dir("b"));
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
    }

    /** A file system of its own, where this machine lets us make one. */
    private static void mount(Path dir, String megabytes) throws Exception {
        Files.createDirectories(dir);
        Process process = new ProcessBuilder(
                        "mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", dir.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Assumptions.assumeTrue(process.waitFor() == 0, "mounting needs more rights: " + said);
    }

    @Test
    void aFullDiskRefusesAndGoesOnWhenThereIsRoom() throws Exception {
        mount(dir("b"), "24");
        try (GregorProcess broker = start();
                Admin admin = Admin.create(settings(broker))) {
            Files.write(dir("b").resolve("filler"), new byte[8 * 1024 * 1024]);
            admin.createTopics(List.of(new NewTopic("full", 1, (short) 1)))
                    .all()
                    .get();
            move(admin, "full", dir("b"));
            awaitIn(admin, "full", dir("b"));
            List<String> acknowledged = new ArrayList<>();
            Map<String, Object> impatient =
                    Map.of("retries", 0, "enable.idempotence", false, "max.in.flight.requests.per.connection", 1);
            try (Producer<String, String> producer = producer(broker, impatient)) {
                assertThatThrownBy(() -> {
                            for (int i = 0; i < 1000; i++) {
                                send(producer, "full", i, acknowledged);
                            }
                        })
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(KafkaStorageException.class);
                assertThat(acknowledged).hasSizeGreaterThan(50);
                assertThat(TopicReader.values(broker.address(), "full")).isEqualTo(acknowledged);
                Files.delete(dir("b").resolve("filler"));
                for (int i = 1000; i < 1020; i++) {
                    send(producer, "full", i, acknowledged);
                }
            }
            assertThat(TopicReader.values(broker.address(), "full")).isEqualTo(acknowledged);
            broker.kill();
            broker.startAgain();
            assertThat(TopicReader.values(broker.address(), "full")).isEqualTo(acknowledged);
        } finally {
            run("umount", dir("b").toString());
        }
    }

    private static void send(Producer<String, String> producer, String topic, int i, List<String> acknowledged)
            throws Exception {
        String value = i + "x".repeat(100_000);
        producer.send(new ProducerRecord<>(topic, 0, null, value)).get();
        acknowledged.add(value);
    }

    private void createHereAndThere(Admin admin) throws Exception {
        admin.createTopics(List.of(new NewTopic("here", 1, (short) 1), new NewTopic("there", 1, (short) 1)))
                .all()
                .get();
        move(admin, "here", dir("a"));
        move(admin, "there", dir("b"));
        awaitIn(admin, "here", dir("a"));
        awaitIn(admin, "there", dir("b"));
    }

    @Test
    void aFolderThatFailsTakesOnlyItsPartitionsAlong() throws Exception {
        try (GregorProcess broker = start();
                Admin admin = Admin.create(settings(broker))) {
            createHereAndThere(admin);
            Map<String, Object> impatient = Map.of("delivery.timeout.ms", 3000, "request.timeout.ms", 2000);
            try (Producer<String, String> producer = producer(broker, Map.of());
                    Producer<String, String> failing = producer(broker, impatient)) {
                List<String> here = new ArrayList<>();
                List<String> there = new ArrayList<>();
                send(producer, "here", 1, here);
                send(producer, "there", 1, there);
                takeAway("b");
                assertThatThrownBy(() -> {
                            for (int i = 2; i < 30; i++) {
                                send(failing, "there", i, there);
                            }
                        })
                        .isInstanceOf(ExecutionException.class);
                send(producer, "here", 2, here);
                assertThat(offline(admin)).containsExactly(dir("b").toString());
                assertThat(leader(admin, "here")).isNotNull();
                assertThat(leader(admin, "there")).isNull();
                admin.createTopics(List.of(new NewTopic("new", 1, (short) 1)))
                        .all()
                        .get();
                awaitIn(admin, "new", dir("a"));
                assertThat(TopicReader.values(broker.address(), "here")).isEqualTo(here);
                giveBack("b");
                assertThat(broker.stop()).isZero();
                broker.startAgain();
                assertThat(TopicReader.values(broker.address(), "there")).isEqualTo(there);
                assertThat(offline(admin)).isEmpty();
            }
        }
    }

    /** From now on nothing can be opened or made there, while what is open stays open. */
    private void takeAway(String name) throws IOException {
        Files.move(dir(name), dir(name + "-elsewhere"));
        Files.createFile(dir(name));
    }

    private void giveBack(String name) throws IOException {
        Files.delete(dir(name));
        Files.move(dir(name + "-elsewhere"), dir(name));
    }

    @Test
    void aFolderThatCannotBeOpenedIsOfflineFromTheStart() throws Exception {
        try (GregorProcess broker = start();
                Admin admin = Admin.create(settings(broker))) {
            createHereAndThere(admin);
            List<String> sent = new ArrayList<>();
            try (Producer<String, String> producer = producer(broker, Map.of())) {
                send(producer, "there", 1, sent);
            }
            assertThat(broker.stop()).isZero();
            takeAway("b");
            broker.startAgain();
            assertThat(offline(admin)).containsExactly(dir("b").toString());
            assertThat(leader(admin, "there")).isNull();
            try (Producer<String, String> producer = producer(broker, Map.of())) {
                send(producer, "here", 1, new ArrayList<>());
            }
            assertThat(broker.stop()).isZero();
            giveBack("b");
            Path meta = dir("b").resolve("meta.properties");
            String sound = Files.readString(meta);
            Files.writeString(meta, "node.id=none");
            broker.startAgain();
            assertThat(offline(admin)).containsExactly(dir("b").toString());
            assertThat(broker.stop()).isZero();
            Files.writeString(meta, sound);
            broker.startAgain();
            assertThat(TopicReader.values(broker.address(), "there")).isEqualTo(sent);
        }
    }

    private static List<String> offline(Admin admin) throws Exception {
        List<String> offline = new ArrayList<>();
        admin.describeLogDirs(List.of(BROKER))
                .allDescriptions()
                .get()
                .get(BROKER)
                .forEach((name, description) -> {
                    if (description.error() != null) {
                        assertThat(description.error()).isInstanceOf(KafkaStorageException.class);
                        offline.add(name);
                    }
                });
        return offline;
    }

    private static Object leader(Admin admin, String topic) throws Exception {
        return admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get()
                .get(topic)
                .partitions()
                .get(0)
                .leader();
    }
}
