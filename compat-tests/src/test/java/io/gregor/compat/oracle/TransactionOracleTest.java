package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.Canonical;
import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.RawClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Histories of transactions by seed, step by step the same ones on Apache Kafka and on Gregor: right and wrong
 * producers, epochs and sequences, repetitions, clients of both transaction versions. Every answer must be the same;
 * producer ids, which each broker gives out as it likes, are shown by the order in which they appeared.
 */
@Tag("once")
class TransactionOracleTest {
    private static final List<Integer> HISTORIES = Seeds.of("oracle.transactions", 12, 1);
    private static final int STEPS = 60;

    /** What a producer of the history knows of itself; the same on both sides, but for the id. */
    private static final class Client {
        private long producerId = -1;
        private short epoch = -1;
        private int[] sequences = new int[2];
        private boolean raises;
    }

    private static final class Side {
        private final String address;
        private final RawClient raw;
        private final Map<Long, Integer> ids = new TreeMap<>();
        private List<Client> clients = List.of();
        private String topic = "";
        private String group = "";

        Side(String address, int port) throws Exception {
            this.address = address;
            raw = new RawClient(port);
            raw.awaitCoordinator((byte) 0);
            raw.awaitCoordinator((byte) 1);
            // The first id is zero, which answers also show where there is no id.
            Awaitility.await()
                    .until(() -> ((InitProducerIdResponseData) raw.call(
                                            ApiKeys.INIT_PRODUCER_ID,
                                            (short) 4,
                                            new InitProducerIdRequestData()
                                                    .setTransactionalId("first")
                                                    .setTransactionTimeoutMs(1000)))
                                    .errorCode()
                            == 0);
        }

        void begin(int history) throws Exception {
            topic = "txn-" + history;
            group = "group-" + history;
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
                // The records are of 1970: either broker would delete them half a minute after its start.
                admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1).configs(Map.of("retention.ms", "-1"))))
                        .all()
                        .get();
                // Apache Kafka answers before its broker leads the partitions.
                Awaitility.await()
                        .ignoreExceptions()
                        .until(() -> admin.listOffsets(Map.of(
                                                new TopicPartition(topic, 0), OffsetSpec.latest(),
                                                new TopicPartition(topic, 1), OffsetSpec.latest()))
                                        .all()
                                        .get()
                                        .size()
                                == 2);
            }
            clients = List.of(new Client(), new Client());
            clients.get(1).raises = true;
        }

        String call(ApiKeys key, int version, ApiMessage request) throws Exception {
            ApiMessage response = raw.call(key, (short) version, request);
            if (response instanceof InitProducerIdResponseData init && init.producerId() >= 0) {
                ids.putIfAbsent(init.producerId(), ids.size());
            }
            if (response instanceof EndTxnResponseData end && end.producerId() >= 0) {
                ids.putIfAbsent(end.producerId(), ids.size());
            }
            String text = Canonical.text(response);
            for (Map.Entry<Long, Integer> id : ids.entrySet()) {
                text = text.replace("producerId=" + id.getKey(), "producerId=#" + id.getValue());
            }
            return text.replaceAll("(transactionStartTimeMs=|lastTimestamp=|\\d@)\\d{13}", "$1time");
        }
    }

    /** One step on one side. */
    private record Step(boolean readsOnly, Action action) {
        private interface Action {
            String run(Side side) throws Exception;
        }
    }

    private static String transactionalId(int history, int client) {
        return "id-" + history + "-" + client;
    }

    private static Step step(Random random, int history) {
        int client = random.nextInt(2);
        String id = transactionalId(history, random.nextInt(12) == 0 ? 1 - client : client);
        int partition = random.nextInt(2);
        int kind = random.nextInt(13);
        int wrong = random.nextInt(14);
        boolean commit = random.nextInt(3) > 0;
        long salt = random.nextLong();
        Step.Action action = side -> {
            Client self = side.clients.get(client);
            short epoch = (short) (wrong == 0 ? self.epoch - 1 : wrong == 1 ? self.epoch + 1 : self.epoch);
            long producerId = wrong == 2 ? 999_999_999L : self.producerId;
            return switch (kind) {
                case 0 -> init(side, self, id, wrong, false);
                case 1 -> init(side, self, id, wrong, true);
                case 2 -> add(side, id, producerId, epoch, partition, wrong);
                case 3, 4, 5 -> produce(side, self, id, producerId, epoch, partition, wrong, salt);
                case 6 -> offsets(side, self, id, producerId, epoch, partition, wrong);
                case 7, 8 -> end(side, self, id, producerId, epoch, commit);
                case 9 -> describe(side, id);
                case 10 -> fetch(side, partition);
                case 11 -> look(side, history, partition);
                default -> marker(side, producerId, epoch, partition, commit, wrong);
            };
        };
        return new Step(kind >= 9 && kind <= 11, action);
    }

    private static String init(Side side, Client self, String id, int wrong, boolean recover) throws Exception {
        InitProducerIdRequestData request = new InitProducerIdRequestData()
                .setTransactionalId(wrong == 3 ? "" : id)
                .setTransactionTimeoutMs(wrong == 4 ? Integer.MAX_VALUE : wrong == 5 ? 0 : 60_000);
        if (recover) {
            request.setProducerId(self.producerId).setProducerEpoch(wrong == 6 ? (short) (self.epoch - 1) : self.epoch);
        }
        ApiMessage response = side.raw.call(ApiKeys.INIT_PRODUCER_ID, (short) (self.raises ? 5 : 4), request);
        InitProducerIdResponseData init = (InitProducerIdResponseData) response;
        if (init.errorCode() == 0) {
            side.ids.putIfAbsent(init.producerId(), side.ids.size());
            self.producerId = init.producerId();
            self.epoch = init.producerEpoch();
            self.sequences = new int[2];
        }
        return init.errorCode() + " #" + side.ids.getOrDefault(init.producerId(), -1) + " " + init.producerEpoch();
    }

    private static String add(Side side, String id, long producerId, short epoch, int partition, int wrong)
            throws Exception {
        AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection topics =
                new AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection();
        topics.add(new AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic()
                .setName(side.topic)
                .setPartitions(wrong == 3 ? List.of(partition, 7) : List.of(partition)));
        if (wrong == 4 || wrong == 5) {
            AddPartitionsToTxnRequestData.AddPartitionsToTxnTransactionCollection transactions =
                    new AddPartitionsToTxnRequestData.AddPartitionsToTxnTransactionCollection();
            transactions.add(new AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction()
                    .setTransactionalId(id)
                    .setProducerId(producerId)
                    .setProducerEpoch(epoch)
                    .setVerifyOnly(wrong == 4)
                    .setTopics(topics));
            return side.call(
                    ApiKeys.ADD_PARTITIONS_TO_TXN,
                    5,
                    new AddPartitionsToTxnRequestData().setTransactions(transactions));
        }
        return side.call(
                ApiKeys.ADD_PARTITIONS_TO_TXN,
                wrong == 6 ? 1 : 3,
                new AddPartitionsToTxnRequestData()
                        .setV3AndBelowTransactionalId(id)
                        .setV3AndBelowProducerId(producerId)
                        .setV3AndBelowProducerEpoch(epoch)
                        .setV3AndBelowTopics(topics));
    }

    private static String produce(
            Side side, Client self, String id, long producerId, short epoch, int partition, int wrong, long salt)
            throws Exception {
        int sequence = Math.max(0, self.sequences[partition] + (wrong == 3 ? 1 : wrong == 4 ? -1 : 0));
        if (producerId < 0 || epoch < 0) {
            return "no producer yet";
        }
        MemoryRecords records = wrong == 5
                ? MemoryRecords.withIdempotentRecords(
                        Compression.NONE, producerId, epoch, sequence, new SimpleRecord(1L, null, bytes(salt)))
                : MemoryRecords.withTransactionalRecords(
                        Compression.NONE, producerId, epoch, sequence, new SimpleRecord(1L, null, bytes(salt)));
        ProduceRequestData.TopicProduceDataCollection topics = new ProduceRequestData.TopicProduceDataCollection();
        topics.add(new ProduceRequestData.TopicProduceData()
                .setName(side.topic)
                .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()
                        .setIndex(partition)
                        .setRecords(records))));
        String answer = side.call(
                ApiKeys.PRODUCE,
                self.raises ? 12 : wrong == 6 ? 9 : 11,
                new ProduceRequestData()
                        .setTransactionalId(wrong == 7 ? null : id)
                        .setAcks((short) -1)
                        .setTimeoutMs(1000)
                        .setTopicData(topics));
        if (answer.contains("errorCode=0")) {
            self.sequences[partition] = sequence + 1;
        }
        return answer;
    }

    private static byte[] bytes(long salt) {
        return ByteBuffer.allocate(8).putLong(salt).array();
    }

    private static String offsets(
            Side side, Client self, String id, long producerId, short epoch, int partition, int wrong)
            throws Exception {
        String added = self.raises && wrong != 3
                ? ""
                : side.call(
                        ApiKeys.ADD_OFFSETS_TO_TXN,
                        3,
                        new AddOffsetsToTxnRequestData()
                                .setTransactionalId(id)
                                .setProducerId(producerId)
                                .setProducerEpoch(epoch)
                                .setGroupId(side.group));
        TxnOffsetCommitRequestData request = new TxnOffsetCommitRequestData()
                .setTransactionalId(id)
                .setProducerId(producerId)
                .setProducerEpoch(epoch)
                .setGroupId(side.group)
                .setGenerationId(wrong == 4 ? 3 : -1)
                .setMemberId(wrong == 5 ? "nobody" : "")
                .setTopics(List.of(new TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic()
                        .setName(wrong == 6 ? "no-such-topic" : side.topic)
                        .setPartitions(List.of(new TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(self.sequences[partition])
                                .setCommittedMetadata(wrong == 7 ? "x".repeat(5000) : "m")))));
        return added + side.call(ApiKeys.TXN_OFFSET_COMMIT, self.raises ? 5 : wrong == 8 ? 3 : 4, request);
    }

    private static String end(Side side, Client self, String id, long producerId, short epoch, boolean commit)
            throws Exception {
        EndTxnRequestData request = new EndTxnRequestData()
                .setTransactionalId(id)
                .setProducerId(producerId)
                .setProducerEpoch(epoch)
                .setCommitted(commit);
        EndTxnResponseData response =
                (EndTxnResponseData) side.raw.call(ApiKeys.END_TXN, (short) (self.raises ? 5 : 4), request);
        if (response.errorCode() == 0 && self.raises && response.producerEpoch() != self.epoch) {
            self.producerId = response.producerId();
            self.epoch = response.producerEpoch();
            self.sequences = new int[2];
        }
        return response.errorCode() + " #" + side.ids.getOrDefault(response.producerId(), -1) + " "
                + response.producerEpoch();
    }

    private static String describe(Side side, String id) throws Exception {
        return side.call(
                ApiKeys.DESCRIBE_TRANSACTIONS,
                0,
                new DescribeTransactionsRequestData().setTransactionalIds(List.of(id, "nobody's")));
    }

    private static String fetch(Side side, int partition) throws Exception {
        FetchRequestData request = new FetchRequestData()
                .setMaxWaitMs(0)
                .setMinBytes(0)
                .setMaxBytes(10_000_000)
                .setIsolationLevel((byte) 1)
                .setTopics(List.of(new FetchRequestData.FetchTopic()
                        .setTopic(side.topic)
                        .setPartitions(List.of(new FetchRequestData.FetchPartition()
                                .setPartition(partition)
                                .setPartitionMaxBytes(10_000_000)
                                .setFetchOffset(0)))));
        return side.call(ApiKeys.FETCH, 12, request);
    }

    private static String look(Side side, int history, int partition) throws Exception {
        ListOffsetsRequestData offsets = new ListOffsetsRequestData()
                .setIsolationLevel((byte) 1)
                .setReplicaId(-1)
                .setTopics(List.of(new ListOffsetsRequestData.ListOffsetsTopic()
                        .setName(side.topic)
                        .setPartitions(List.of(new ListOffsetsRequestData.ListOffsetsPartition()
                                .setPartitionIndex(partition)
                                .setTimestamp(-1)))));
        OffsetFetchRequestData committed = new OffsetFetchRequestData()
                .setRequireStable(true)
                .setGroups(List.of(new OffsetFetchRequestData.OffsetFetchRequestGroup()
                        .setGroupId(side.group)
                        .setTopics(null)));
        DescribeProducersRequestData producers = new DescribeProducersRequestData()
                .setTopics(List.of(new DescribeProducersRequestData.TopicRequest()
                        .setName(side.topic)
                        .setPartitionIndexes(List.of(partition))));
        ListTransactionsRequestData list = new ListTransactionsRequestData()
                .setTransactionalIdPattern("id-" + history + "-.*")
                .setStateFilters(partition == 0 ? List.of() : List.of("Ongoing", "Strange"));
        return side.call(ApiKeys.LIST_OFFSETS, 8, offsets)
                + side.call(ApiKeys.OFFSET_FETCH, 9, committed)
                + side.call(ApiKeys.DESCRIBE_PRODUCERS, 0, producers)
                + side.call(ApiKeys.LIST_TRANSACTIONS, 2, list);
    }

    private static String marker(Side side, long producerId, short epoch, int partition, boolean commit, int wrong)
            throws Exception {
        if (wrong > 5 || producerId < 0 || epoch < 0) {
            return "";
        }
        WriteTxnMarkersRequestData request = new WriteTxnMarkersRequestData()
                .setMarkers(List.of(new WriteTxnMarkersRequestData.WritableTxnMarker()
                        .setProducerId(producerId)
                        .setProducerEpoch(epoch)
                        .setTransactionResult(commit)
                        .setCoordinatorEpoch(0)
                        .setTopics(List.of(new WriteTxnMarkersRequestData.WritableTxnMarkerTopic()
                                .setName(wrong == 3 ? "no-such-topic" : side.topic)
                                .setPartitionIndexes(List.of(partition))))));
        return side.call(ApiKeys.WRITE_TXN_MARKERS, 1, request);
    }

    /**
     * Waits until nothing is under way: what is decided gets done aside. False if that does not come to an end, as on
     * Apache Kafka when a marker from elsewhere has raised a producer's epoch in a partition of its transaction.
     */
    private static boolean settles(Side side, int history, Duration patience) {
        DescribeTransactionsRequestData request = new DescribeTransactionsRequestData()
                .setTransactionalIds(List.of(transactionalId(history, 0), transactionalId(history, 1)));
        try {
            Awaitility.await()
                    .atMost(patience)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> ((DescribeTransactionsResponseData)
                                    side.raw.call(ApiKeys.DESCRIBE_TRANSACTIONS, (short) 0, request))
                            .transactionStates().stream()
                                    .noneMatch(state -> state.transactionState().startsWith("Prepare")));
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }

    @Test
    void historiesEndAsOnApacheKafka(@TempDir Path folder) throws Exception {
        Map<String, String> differences = new TreeMap<>();
        int pairs = 0;
        try (KafkaProcess kafka = KafkaProcess.start(folder);
                GregorProcess gregor = GregorProcess.start(folder, "auto.create.topics.enable=false")) {
            Side theirs = new Side(kafka.address(), kafka.port());
            Side ours = new Side(gregor.address(), gregor.port());
            for (int history : HISTORIES) {
                pairs += differences.size() < 6 ? run(history, theirs, ours, differences) : 0;
            }
        }
        assertThat(differences).as(pairs + " pairs").isEmpty();
        assertThat(pairs).isGreaterThan(HISTORIES.size() * STEPS * 3 / 4);
    }

    private static int run(int history, Side theirs, Side ours, Map<String, String> differences) throws Exception {
        Random random = new Random(history);
        theirs.begin(history);
        ours.begin(history);
        List<String> before = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            Step step = step(random, history);
            // To read is harmless: a marker may just be on its way.
            Answers answers = step.readsOnly()
                    ? Answers.of(() -> attempt(step, theirs), () -> attempt(step, ours), answer -> true)
                    : Answers.of(() -> attempt(step, theirs), () -> attempt(step, ours));
            if (!answers.areEqual()) {
                differences.put(
                        "history " + history + " step " + i,
                        "\n  " + String.join("\n  ", before.subList(Math.max(0, before.size() - 8), before.size()))
                                + "\n  Kafka:  " + answers.theirs() + "\n  Gregor: " + answers.ours());
                return i + 1;
            }
            before.add(i + " " + answers.ours());
            assertThat(settles(ours, history, GregorProcess.PATIENCE)).isTrue();
            if (!settles(theirs, history, Duration.ofSeconds(10))) {
                return i + 1;
            }
        }
        return STEPS;
    }

    private static String attempt(Step step, Side side) throws Exception {
        try {
            return step.action().run(side);
        } catch (IOException e) {
            return "the connection was closed";
        }
    }
}
