package io.gregor.compat.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.Canonical;
import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.RawClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopicCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients hear of a partition whose log directory was lost before the start: the same as from Apache Kafka. */
@Tag("once")
class LostLogDirTest {
    private static final String OFFLINE = "errorCode=56";
    private static final int ATTEMPTS = 24;
    private static final Path RECORDED = Path.of("src/test/resources/lost-log-dir.txt");

    @TempDir
    Path folder;

    /** A request, in the versions that name topics. */
    private record Question(ApiKeys api, int from, int to, ApiMessage request) {}

    private static List<Question> questions(String topic) {
        OffsetForLeaderTopicCollection epochs = new OffsetForLeaderTopicCollection();
        epochs.add(new OffsetForLeaderTopic()
                .setTopic(topic)
                .setPartitions(List.of(new OffsetForLeaderPartition().setPartition(0))));
        return List.of(
                new Question(
                        ApiKeys.FETCH,
                        4,
                        12,
                        new FetchRequestData()
                                .setTopics(List.of(new FetchTopic()
                                        .setTopic(topic)
                                        .setPartitions(List.of(new FetchPartition()
                                                .setPartition(0)
                                                .setPartitionMaxBytes(1000)))))),
                new Question(
                        ApiKeys.LIST_OFFSETS,
                        1,
                        10,
                        new ListOffsetsRequestData()
                                .setReplicaId(-1)
                                .setTopics(List.of(new ListOffsetsTopic()
                                        .setName(topic)
                                        .setPartitions(List.of(new ListOffsetsPartition()
                                                .setPartitionIndex(0)
                                                .setTimestamp(-1)))))),
                new Question(
                        ApiKeys.DELETE_RECORDS,
                        0,
                        2,
                        new DeleteRecordsRequestData()
                                .setTimeoutMs(1000)
                                .setTopics(List.of(new DeleteRecordsTopic()
                                        .setName(topic)
                                        .setPartitions(List.of(new DeleteRecordsPartition()
                                                .setPartitionIndex(0)
                                                .setOffset(0)))))),
                new Question(
                        ApiKeys.OFFSET_FOR_LEADER_EPOCH,
                        2,
                        4,
                        new OffsetForLeaderEpochRequestData().setReplicaId(-1).setTopics(epochs)));
    }

    private static ApiMessage produce(RawClient client, int version, String topic) throws IOException {
        MemoryRecords records = MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(0L, null, new byte[1]));
        return client.produce((short) version, topic, 0, records);
    }

    /** Waits until a write to the topic gets this answer, and returns false after the given time without it. */
    private static boolean produceSays(String answer, int port, String topic, Duration atMost) throws IOException {
        try (RawClient client = new RawClient(port)) {
            Awaitility.await()
                    .atMost(atMost)
                    .until(() -> produce(client, 9, topic).toString().contains(answer));
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }

    private static List<String> answers(int port, String topic) throws Exception {
        List<String> answers = new ArrayList<>();
        try (RawClient client = new RawClient(port)) {
            for (int version = 3; version <= 12; version++) {
                answers.add("PRODUCE " + version + " " + Canonical.text(produce(client, version, topic)));
            }
            for (Question question : questions(topic)) {
                for (int version = question.from(); version <= question.to(); version++) {
                    answers.add(question.api() + " " + version + " "
                            + Canonical.text(client.call(question.api(), (short) version, question.request())));
                }
            }
        }
        answers.replaceAll(answer -> answer.replace(topic, "lost"));
        return answers;
    }

    /** Creates topics until one lies in that directory, and returns it. */
    private static String createIn(String address, Path dir) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            for (int i = 0; i < 20; i++) {
                String topic = "topic" + i;
                admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
                        .all()
                        .get();
                Awaitility.await()
                        .until(() -> Files.exists(dir.resolve(topic + "-0"))
                                || Files.exists(dir.resolveSibling("first").resolve(topic + "-0")));
                if (Files.exists(dir.resolve(topic + "-0"))) {
                    return topic;
                }
            }
        }
        throw new AssertionError("no topic lies in " + dir);
    }

    private static String[] settings(Path root) {
        Path first = root.resolve("first");
        return new String[] {"metadata.log.dir=" + first, "log.dirs=" + first + "," + root.resolve("second")};
    }

    /** A file is where the directory was. */
    private static void lose(Path dir) throws IOException {
        Files.move(dir, dir.resolveSibling("elsewhere"));
        Files.createFile(dir);
    }

    private static void giveBack(Path dir) throws IOException {
        Files.delete(dir);
        Files.move(dir.resolveSibling("elsewhere"), dir);
    }

    /** Apache Kafka notes a partition's directory in the metadata a little after it made it, or at its next start. */
    private void startUntilWritable(Path root, String topic) throws Exception {
        try (KafkaProcess kafka = KafkaProcess.startOn(folder, root, settings(root))) {
            assertThat(produceSays("errorCode=0", kafka.port(), topic, GregorProcess.PATIENCE))
                    .isTrue();
            kafka.stop();
        }
    }

    /**
     * The answers of Apache Kafka. Its broker and its controller notice the loss at the same time: when the controller
     * is first, the partition has no leader before the broker has looked for its log, and the broker says
     * NOT_LEADER_OR_FOLLOWER for ever. Then the directory is given back, and lost again.
     */
    private List<String> ofKafka() throws Exception {
        Path root = Files.createDirectory(folder.resolve("kafka")).toAbsolutePath();
        Path second = root.resolve("second");
        String topic;
        try (KafkaProcess kafka = KafkaProcess.start(folder, settings(root))) {
            topic = createIn(kafka.address(), second);
            kafka.stop();
        }
        for (int i = 0; i < ATTEMPTS; i++) {
            startUntilWritable(root, topic);
            lose(second);
            try (KafkaProcess kafka = KafkaProcess.startOn(folder, root, settings(root))) {
                if (produceSays(OFFLINE, kafka.port(), topic, Duration.ofSeconds(20))) {
                    return answers(kafka.port(), topic);
                }
                kafka.stop();
            }
            giveBack(second);
        }
        throw new AssertionError("Apache Kafka did not say KAFKA_STORAGE_ERROR in " + ATTEMPTS + " attempts");
    }

    /**
     * What Apache Kafka 4.3.1 answers, a line each. With {@code -Dlost.dir.live=true} it is asked again, which may take
     * any number of attempts.
     */
    private List<String> expected() throws Exception {
        List<String> recorded = Files.readAllLines(RECORDED);
        if (Boolean.getBoolean("lost.dir.live")) {
            assertThat(ofKafka()).isEqualTo(recorded);
        }
        return recorded;
    }

    @Test
    void itsPartitionsAreAnsweredAsByApacheKafka() throws Exception {
        List<String> expected = expected();
        assertThat(expected).anyMatch(answer -> answer.startsWith("FETCH 12") && answer.contains(OFFLINE));
        Path root = Files.createDirectory(folder.resolve("gregor")).toAbsolutePath();
        try (GregorProcess gregor = GregorProcess.start(folder, settings(root))) {
            String topic = createIn(gregor.address(), root.resolve("second"));
            assertThat(gregor.stop()).isZero();
            lose(root.resolve("second"));
            gregor.startAgain();
            assertThat(produceSays(OFFLINE, gregor.port(), topic, GregorProcess.PATIENCE))
                    .isTrue();
            assertThat(answers(gregor.port(), topic)).isEqualTo(expected);
        }
    }
}
