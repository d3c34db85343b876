package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.RawClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** One of the two brokers of {@link FetchOracleTest}: its topics, ids and fetch session. Confined to one thread. */
final class FetchOracleSide implements AutoCloseable {
    private static final short WITH_TOPIC_NAMES = 12;
    private static final int BROKER = 1;

    private final Admin admin;
    private final int port;
    private final Path otherFolder;
    private final RawClient producing;
    private final Map<String, Uuid> ids = new HashMap<>();
    private final Map<Uuid, String> names = new HashMap<>();
    private final KafkaProducer<String, String> transactions;
    private RawClient fetching;
    private int sessionId;
    private int sessionEpoch;

    FetchOracleSide(String address, int port, Path otherFolder) throws Exception {
        this.port = port;
        this.otherFolder = otherFolder;
        admin = Admin.create(Map.of("bootstrap.servers", address));
        producing = new RawClient(port);
        fetching = new RawClient(port);
        names.put(FetchOracleTest.NEVER_KNOWN, "never");
        names.put(Uuid.ZERO_UUID, "");
        transactions = new KafkaProducer<>(
                Map.of("bootstrap.servers", address, "transactional.id", "t", "transaction.timeout.ms", 900_000),
                new StringSerializer(),
                new StringSerializer());
    }

    /** Creates a topic, and waits until each of its partitions is led. */
    void create(String topic, int partitions, Map<String, String> configs) throws Exception {
        Uuid id = admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs)))
                .topicId(topic)
                .get();
        noteId(topic, id);
        for (int i = 0; i < partitions; i++) {
            int index = i;
            awaitError(topic, index, 0);
        }
    }

    /** Moves the partitions of a topic to the first folder, or to the other one. */
    void move(String topic, boolean toOther) {
        Awaitility.await().atMost(Duration.ofMinutes(1)).ignoreExceptions().until(() -> {
            Map<String, LogDirDescription> dirs = admin.describeLogDirs(List.of(BROKER))
                    .allDescriptions()
                    .get()
                    .get(BROKER);
            boolean moved = true;
            for (Map.Entry<String, LogDirDescription> dir : dirs.entrySet()) {
                boolean isOther = dir.getKey().equals(otherFolder.toString());
                for (TopicPartition there : dir.getValue().replicaInfos().keySet()) {
                    if (there.topic().equals(topic) && isOther != toOther) {
                        moved = false;
                        String target = dirs.keySet().stream()
                                .filter(name -> name.equals(otherFolder.toString()) == toOther)
                                .findFirst()
                                .orElseThrow();
                        admin.alterReplicaLogDirs(
                                        Map.of(new TopicPartitionReplica(topic, there.partition(), BROKER), target))
                                .all()
                                .get();
                    }
                }
            }
            return moved;
        });
    }

    /** Puts a file in the place of the other folder, so that the broker takes it offline as soon as it needs it. */
    void loseOtherFolder(String topicThere) throws IOException {
        Files.move(otherFolder, otherFolder.resolveSibling(otherFolder.getFileName() + "-away"));
        Files.createFile(otherFolder);
        admin.alterReplicaLogDirs(Map.of(new TopicPartitionReplica("small", 0, BROKER), otherFolder.toString()));
        awaitError(topicThere, 0, 56);
    }

    private void noteId(String topic, Uuid id) {
        ids.put(topic, id);
        names.put(
                id,
                topic + " "
                        + names.values().stream()
                                .filter(name -> name.startsWith(topic))
                                .count());
    }

    /** Deletes a topic, and waits until the broker has taken that in. */
    void delete(String topic) throws Exception {
        admin.deleteTopics(List.of(topic)).all().get();
        awaitError(topic, 0, 3);
    }

    Uuid id(String topic) {
        return topic.equals("never")
                ? FetchOracleTest.NEVER_KNOWN
                : ids.getOrDefault(topic, FetchOracleTest.NEVER_KNOWN);
    }

    private void awaitError(String topic, int index, int error) {
        ListOffsetsRequestData request = new ListOffsetsRequestData()
                .setReplicaId(-1)
                .setTopics(List.of(new ListOffsetsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new ListOffsetsPartition()
                                .setPartitionIndex(index)
                                .setCurrentLeaderEpoch(-1)
                                .setTimestamp(-1)))));
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    ListOffsetsResponseData response =
                            (ListOffsetsResponseData) producing.call(ApiKeys.LIST_OFFSETS, (short) 7, request);
                    return response.topics().get(0).partitions().get(0).errorCode() == error;
                });
    }

    void produce(String topic, int partition, MemoryRecords records) throws IOException {
        ProduceResponseData response = producing.produce(WITH_TOPIC_NAMES, topic, partition, records);
        assertThat(response.responses()
                        .iterator()
                        .next()
                        .partitionResponses()
                        .get(0)
                        .errorCode())
                .isZero();
    }

    void trim(String topic, long offset) throws Exception {
        admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(offset)))
                .all()
                .get();
    }

    /** Transactions that are committed, aborted, and one that stays open: nine offsets are stable. */
    void produceInTransactions(String topic) throws Exception {
        transactions.initTransactions();
        for (int i = 0; i < 4; i++) {
            transactions.beginTransaction();
            for (int j = 0; j < 2; j++) {
                ProducerRecord<String, String> record =
                        new ProducerRecord<>(topic, 0, 1_795_000_000_000L, "k", "v".repeat(10 + 400 * i));
                transactions.send(record).get();
            }
            if (i == 1) {
                transactions.abortTransaction();
            } else if (i < 3) {
                transactions.commitTransaction();
            }
        }
        // The markers are written after the answer.
        Awaitility.await().until(() -> stableEnd(topic) == 9);
    }

    private long stableEnd(String topic) throws IOException {
        ListOffsetsRequestData request = new ListOffsetsRequestData()
                .setReplicaId(-1)
                .setIsolationLevel((byte) 1)
                .setTopics(List.of(new ListOffsetsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new ListOffsetsPartition()
                                .setPartitionIndex(0)
                                .setCurrentLeaderEpoch(-1)
                                .setTimestamp(-1)))));
        ListOffsetsResponseData response =
                (ListOffsetsResponseData) producing.call(ApiKeys.LIST_OFFSETS, (short) 7, request);
        return response.topics().get(0).partitions().get(0).offset();
    }

    /** Forgets the session; the broker does not know of that. */
    void beginHistory() throws IOException {
        sessionId = 0;
        sessionEpoch = 0;
        fetching.close();
        fetching = new RawClient(port);
    }

    int sessionId() {
        return sessionId;
    }

    int sessionEpoch() {
        return sessionEpoch;
    }

    /**
     * What the broker answers, and whether that was at once, when something was appended, or when it had waited.
     *
     * @param patienceMs how long a broker may take for an answer that it does not wait with
     * @param append run while the fetch waits, or null
     */
    String fetch(short version, FetchRequestData request, int patienceMs, Append append) throws Exception {
        long begin = System.nanoTime();
        fetching.send(ApiKeys.FETCH, version, request);
        boolean atOnce = append != null && hasAnswerWithin(patienceMs);
        if (append != null) {
            append.run(this);
        }
        FetchResponseData response;
        try {
            response = (FetchResponseData) fetching.answer(ApiKeys.FETCH, version);
        } catch (IOException e) {
            beginHistory();
            return "the connection was closed";
        }
        long tookMs = Duration.ofNanos(System.nanoTime() - begin).toMillis();
        boolean waited = request.maxWaitMs() > 0 && tookMs >= request.maxWaitMs() * 3L / 4;
        noteSession(request, response);
        return (waited ? "waited: " : atOnce || append == null ? "at once: " : "woken: ") + text(response);
    }

    /** Appends something to one side. */
    interface Append {
        void run(FetchOracleSide side) throws Exception;
    }

    private boolean hasAnswerWithin(int patienceMs) {
        try {
            Awaitility.await()
                    .atMost(Duration.ofMillis(patienceMs))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .until(fetching::hasAnswer);
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }

    private void noteSession(FetchRequestData request, FetchResponseData response) {
        if (response.errorCode() != 0) {
            return;
        }
        if (request.sessionEpoch() == 0) {
            sessionId = response.sessionId();
            sessionEpoch = 1;
        } else if (request.sessionEpoch() > 0) {
            sessionEpoch = request.sessionEpoch() + 1;
        }
    }

    private String text(FetchResponseData response) {
        StringBuilder text = new StringBuilder("error ").append(response.errorCode());
        text.append(response.sessionId() == 0 ? ", no session" : response.sessionId() == sessionId ? ", session" : "?");
        text.append(", ").append(response.nodeEndpoints().size()).append(" endpoints");
        for (FetchableTopicResponse topic : response.responses()) {
            for (PartitionData partition : topic.partitions()) {
                text.append("\n    ")
                        .append(topic.topic())
                        .append(names.getOrDefault(topic.topicId(), "?"))
                        .append('-')
                        .append(text(partition));
            }
        }
        return text.toString();
    }

    private static String text(PartitionData partition) {
        return ("%d: error %d, high watermark %d, stable %d, start %d, "
                        + "aborted %s, diverging %s, leader %s, replica %d, %s")
                .formatted(
                        partition.partitionIndex(),
                        partition.errorCode(),
                        partition.highWatermark(),
                        partition.lastStableOffset(),
                        partition.logStartOffset(),
                        partition.abortedTransactions() == null
                                ? "null"
                                : partition.abortedTransactions().stream()
                                        .map(aborted -> aborted.firstOffset())
                                        .toList(),
                        partition.divergingEpoch().endOffset(),
                        partition.currentLeader().leaderId(),
                        partition.preferredReadReplica(),
                        batches((MemoryRecords) partition.records()));
    }

    private static String batches(MemoryRecords records) {
        ByteBuffer bytes = records == null ? ByteBuffer.allocate(0) : records.buffer();
        StringBuilder text = new StringBuilder().append(bytes.remaining()).append(" bytes");
        int at = bytes.position();
        while (bytes.limit() - at >= 12 && bytes.getInt(at + 8) + 12 <= bytes.limit() - at) {
            text.append(' ').append(bytes.getLong(at));
            at += bytes.getInt(at + 8) + 12;
        }
        return text.append(" +").append(bytes.limit() - at).toString();
    }

    @Override
    public void close() throws IOException {
        transactions.close(Duration.ZERO);
        fetching.close();
        producing.close();
        admin.close(Duration.ofSeconds(1));
    }
}
