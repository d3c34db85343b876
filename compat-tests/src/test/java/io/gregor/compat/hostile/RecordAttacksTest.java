package io.gregor.compat.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.RawClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarker;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarkerTopic;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Records that are small on the wire and large behind it, and what makes the broker read them again and again. */
@Tag("once")
class RecordAttacksTest extends AttackTest {
    private static final short PRODUCE_VERSION = 9;
    /** More than the broker's heap has. */
    private static final int BOMB_BYTES = 100 << 20;

    private static final int RECORDS = 200_000;
    private static final int PARTITIONS = 4;
    private static final int MARKERS = 60_000;
    private static final String LARGE_BATCHES = String.valueOf(16 << 20);
    private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);
    private static final byte[] OTHER_KEY = "other".getBytes(StandardCharsets.UTF_8);

    RecordAttacksTest(@TempDir Path folder) throws Exception {
        super(folder, "log.cleaner.backoff.ms=200");
    }

    @ParameterizedTest
    @EnumSource(value = CompressionType.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aBombThatIsCompressedAnew(CompressionType type) throws Exception {
        String other = type == CompressionType.LZ4 ? "gzip" : "lz4";
        String topic = "anew-" + type;
        broker.create(topic(topic, 1, Map.of("compression.type", other, "max.message.bytes", LARGE_BATCHES)));
        assertThat(produce(topic, Bombs.ofOneRecord(type, KEY, BOMB_BYTES)))
                .containsAnyOf(Errors.NONE, Errors.MESSAGE_TOO_LARGE, Errors.INVALID_RECORD);
    }

    @Test
    void manyRecordsThatAreCompressedAnew() throws Exception {
        broker.create(topic("many", PARTITIONS, Map.of("compression.type", "zstd")));
        MemoryRecords batch = Bombs.ofManyRecords(CompressionType.GZIP, RECORDS, 60);
        assertThat(produce("many", Collections.nCopies(PARTITIONS, batch))).containsOnly(Errors.NONE);
    }

    @Test
    void recordsThatAreAllInvalid() throws Exception {
        broker.create(topic("invalid", PARTITIONS, Map.of("cleanup.policy", "compact")));
        MemoryRecords batch = Bombs.ofManyRecords(CompressionType.GZIP, RECORDS, 0);
        assertThat(produce("invalid", Collections.nCopies(PARTITIONS, batch))).containsOnly(Errors.INVALID_RECORD);
    }

    @Test
    void batchesThatExpandForLong() throws Exception {
        broker.create(topic("long", 1, Map.of()));
        MemoryRecords bomb = Bombs.ofOneRecord(CompressionType.GZIP, KEY, 4 * BOMB_BYTES);
        ApiMessage request = request("long", 0, bomb);
        List<ApiMessage> answers = broker.whileOthersAreServed(() -> {
            List<ApiMessage> all = new ArrayList<>();
            try (RawClient client = new RawClient(broker.port())) {
                for (int i = 0; i < PARTITIONS; i++) {
                    client.send(ApiKeys.PRODUCE, PRODUCE_VERSION, request);
                }
                for (int i = 0; i < PARTITIONS; i++) {
                    all.add(client.answer(ApiKeys.PRODUCE, PRODUCE_VERSION));
                }
            }
            return all;
        });
        assertThat(answers).extracting(RecordAttacksTest::error).containsOnly(Errors.NONE);
    }

    /** Each partition with a bomb is compacted, and again after a start. */
    @Test
    void bombsThatCompactionReads() throws Exception {
        List<CompressionType> types = new ArrayList<>(List.of(CompressionType.values()));
        types.remove(CompressionType.NONE);
        for (CompressionType type : types) {
            String topic = "compacted-" + type;
            broker.create(topic(
                    topic,
                    1,
                    Map.of(
                            "cleanup.policy", "compact",
                            "min.cleanable.dirty.ratio", "0",
                            "max.message.bytes", LARGE_BATCHES,
                            "segment.ms", "1")));
            assertThat(produce(topic, Bombs.ofOneRecord(type, KEY, BOMB_BYTES))).containsOnly(Errors.NONE);
            produceSmall(topic);
        }
        types.forEach(this::awaitCleaned);
        broker.restart();
        for (CompressionType type : types) {
            produceSmall("compacted-" + type);
        }
        types.forEach(this::awaitCleaned);
    }

    /** The last segment is left alone: each batch is the first one of another. */
    private void produceSmall(String topic) throws Exception {
        for (int i = 0; i < 2; i++) {
            SimpleRecord record = new SimpleRecord(System.currentTimeMillis(), OTHER_KEY, new byte[10]);
            Awaitility.await()
                    .until(() -> produce(topic, MemoryRecords.withRecords(Compression.NONE, record))
                            .contains(Errors.NONE));
        }
    }

    private void awaitCleaned(CompressionType type) {
        Path partition = broker.data().resolve("compacted-" + type + "-0");
        Awaitility.await().until(() -> broker.output().contains("Compacted " + partition));
    }

    /** Internal topics may be written by who calls itself so. */
    @Test
    void aBombThatTheLoadOfOffsetsReads() throws Exception {
        try (RawClient client = new RawClient(broker.port(), "__admin_client")) {
            client.awaitCoordinator((byte) 0);
            byte[] keyOfAnOffset = {0, 1, 0, 1, 'g', 0, 1, 't', 0, 0, 0, 0};
            MemoryRecords bomb = Bombs.ofOneRecord(CompressionType.ZSTD, keyOfAnOffset, BOMB_BYTES);
            for (int partition = 0; partition < PARTITIONS; partition++) {
                ApiMessage answer =
                        client.call(ApiKeys.PRODUCE, PRODUCE_VERSION, request("__consumer_offsets", partition, bomb));
                assertThat(error(answer)).isEqualTo(Errors.NONE);
            }
        }
        broker.expectInLog("goes on without what is lost there");
        broker.restart();
        try (RawClient client = new RawClient(broker.port())) {
            ListGroupsResponseData groups = (ListGroupsResponseData)
                    client.callUntilThere(ApiKeys.LIST_GROUPS, (short) 1, new ListGroupsRequestData());
            assertThat(Errors.forCode(groups.errorCode())).isEqualTo(Errors.NONE);
        }
    }

    @Test
    void aPartitionThatIsSearchedAgainAndAgain() throws Exception {
        broker.create(topic("searched", 1, Map.of()));
        assertThat(produce("searched", Bombs.ofOneRecord(CompressionType.ZSTD, KEY, BOMB_BYTES)))
                .containsOnly(Errors.NONE);
        ListOffsetsPartition partition = new ListOffsetsPartition().setTimestamp(1_000);
        ListOffsetsRequestData request = new ListOffsetsRequestData()
                .setReplicaId(-1)
                .setTopics(List.of(new ListOffsetsTopic()
                        .setName("searched")
                        .setPartitions(Collections.nCopies(3_000, partition))));
        List<ApiMessage> answers =
                broker.attackAtOnce(ApiKeys.LIST_OFFSETS, (short) 1, Collections.nCopies(3, request));
        for (ApiMessage answer : answers) {
            assertThat(((ListOffsetsResponseData) answer).topics().get(0).partitions())
                    .extracting(result -> Errors.forCode(result.errorCode()))
                    .containsOnly(Errors.INVALID_REQUEST);
        }
    }

    @Test
    void manyMarkersForOnePartition() throws Exception {
        broker.create(topic("marked", 1, Map.of()));
        List<WritableTxnMarker> markers = IntStream.range(0, MARKERS)
                .mapToObj(i -> new WritableTxnMarker()
                        .setProducerId(i)
                        .setTransactionResult(true)
                        .setTopics(List.of(
                                new WritableTxnMarkerTopic().setName("marked").setPartitionIndexes(List.of(0)))))
                .toList();
        ApiMessage answer = broker.attack(
                ApiKeys.WRITE_TXN_MARKERS, (short) 1, new WriteTxnMarkersRequestData().setMarkers(markers));
        assertThat(((WriteTxnMarkersResponseData) answer).markers()).hasSize(MARKERS);
    }

    private static NewTopic topic(String name, int partitions, Map<String, String> configs) {
        return new NewTopic(name, partitions, (short) 1).configs(configs);
    }

    private List<Errors> produce(String topic, BaseRecords batch) throws Exception {
        return produce(topic, List.of(batch));
    }

    /** A batch for each partition, each on a connection of its own. */
    private List<Errors> produce(String topic, List<? extends BaseRecords> batches) throws Exception {
        List<ProduceRequestData> requests = IntStream.range(0, batches.size())
                .mapToObj(i -> request(topic, i, batches.get(i)))
                .toList();
        return broker.attackAtOnce(ApiKeys.PRODUCE, PRODUCE_VERSION, requests).stream()
                .map(RecordAttacksTest::error)
                .toList();
    }

    private static ProduceRequestData request(String topic, int partition, BaseRecords batch) {
        TopicProduceData data = new TopicProduceData()
                .setName(topic)
                .setPartitionData(
                        List.of(new PartitionProduceData().setIndex(partition).setRecords(batch)));
        return new ProduceRequestData()
                .setAcks((short) 1)
                .setTimeoutMs(30_000)
                .setTopicData(new TopicProduceDataCollection(List.of(data).iterator()));
    }

    private static Errors error(ApiMessage answer) {
        return Errors.forCode(((ProduceResponseData) answer)
                .responses()
                .iterator()
                .next()
                .partitionResponses()
                .get(0)
                .errorCode());
    }
}
