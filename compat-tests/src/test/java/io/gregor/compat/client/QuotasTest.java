package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gregor.compat.Canonical;
import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.RawClient;
import io.gregor.compat.Tool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicCollection;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What exceeds a quota is throttled, or refused, by Gregor as by Apache Kafka: as long, and with the same answers. */
@Tag("once")
class QuotasTest {
    private static final short WITH_TOPIC_NAMES = 12;
    /** What the time between two requests may change. */
    private static final int TOLERANCE_MS = 1_500;

    @TempDir
    Path folder;

    /** What a broker answered: how long it throttles, and all else. */
    private record Answer(int throttleMs, String text) {}

    @Test
    void clientsAreThrottledAsByApacheKafka() throws Exception {
        try (KafkaProcess kafka = KafkaProcess.start(folder);
                GregorProcess gregor = GregorProcess.start(folder)) {
            List<Answer> theirs = use(kafka.address(), kafka.port());
            List<Answer> ours = use(gregor.address(), gregor.port());
            assertThat(ours.stream().map(Answer::text))
                    .isEqualTo(theirs.stream().map(Answer::text).toList());
            for (int i = 0; i < ours.size(); i++) {
                assertThat(ours.get(i).throttleMs())
                        .as(ours.get(i).text())
                        .isCloseTo(theirs.get(i).throttleMs(), within(TOLERANCE_MS));
            }
        }
    }

    @Test
    void quotasLastAndToolsShowThem() throws Exception {
        GregorProcess gregor = GregorProcess.start(folder);
        configs(
                gregor,
                "--alter",
                "--add-config",
                "producer_byte_rate=1024,request_percentage=12.5",
                "--entity-type",
                "clients",
                "--entity-name",
                "tool");
        configs(
                gregor,
                "--alter",
                "--add-config",
                "consumer_byte_rate=2048",
                "--entity-type",
                "users",
                "--entity-default");
        gregor.kill();
        gregor.startAgain();
        assertThat(configs(gregor, "--describe", "--entity-type", "clients"))
                .contains("client-id 'tool'", "producer_byte_rate=1024.0", "request_percentage=12.5");
        assertThat(configs(gregor, "--describe", "--entity-type", "users"))
                .contains("the default user-principal", "consumer_byte_rate=2048.0");
        configs(
                gregor,
                "--alter",
                "--delete-config",
                "producer_byte_rate",
                "--entity-type",
                "clients",
                "--entity-name",
                "tool");
        assertThat(configs(gregor, "--describe", "--entity-type", "clients"))
                .contains("request_percentage=12.5")
                .doesNotContain("producer_byte_rate");
        gregor.close();
    }

    private static String configs(GregorProcess gregor, String... arguments) throws Exception {
        List<Object> all = new ArrayList<>(List.of("--bootstrap-server", gregor.address()));
        all.addAll(List.of(arguments));
        Tool.Result result =
                Tool.kafka("kafka.admin.ConfigCommand", all.toArray()).run();
        result.assertOk();
        return result.out();
    }

    /** All that a client with quotas may feel, in one order. */
    private static List<Answer> use(String address, int port) throws Exception {
        List<Answer> answers = new ArrayList<>();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic("limited", 1, (short) 1)))
                    .all()
                    .get();
            // Until it has a leader there: Apache Kafka answers before.
            admin.listOffsets(Map.of(new TopicPartition("limited", 0), OffsetSpec.latest()))
                    .all()
                    .get();
            set(admin, "producer_byte_rate", 10_000.0);
            try (RawClient client = new RawClient(port);
                    RawClient other = new RawClient(port)) {
                answers.add(produce(client, (short) 1, 50_000));
                Answer throttled = produce(client, (short) -1, 200_000);
                assertThat(throttled.throttleMs()).isPositive();
                answers.add(throttled);
                // From now on this connection is not read, others are.
                client.send(ApiKeys.METADATA, WITH_TOPIC_NAMES, new MetadataRequestData());
                for (int i = 0; i < 20; i++) {
                    other.call(ApiKeys.METADATA, WITH_TOPIC_NAMES, new MetadataRequestData());
                }
                assertThat(client.hasAnswer())
                        .as("answered while it is throttled")
                        .isFalse();
            }
            set(admin, "producer_byte_rate", null);
            set(admin, "consumer_byte_rate", 20_000.0);
            try (RawClient client = new RawClient(port)) {
                answers.add(fetch(client, 100_000));
                answers.add(fetch(client, 150_000));
                answers.add(fetch(client, 150_000));
            }
            set(admin, "consumer_byte_rate", null);
            set(admin, "controller_mutation_rate", 1.0);
            try (RawClient client = new RawClient(port)) {
                answers.add(create(client, (short) 7, "burst", 20));
                answers.add(create(client, (short) 7, "refused", 1));
            }
            try (RawClient client = new RawClient(port)) {
                answers.add(delete(client, (short) 6, "burst"));
            }
            try (RawClient client = new RawClient(port)) {
                answers.add(create(client, (short) 5, "waits", 1));
            }
            set(admin, "controller_mutation_rate", null);
            set(admin, "request_percentage", 0.001);
            assertThat(metadataUntilThrottled(port)).isBetween(1, 1_000);
        }
        return answers;
    }

    private static void set(Admin admin, String key, Double value) throws Exception {
        ClientQuotaEntity raw = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, "raw"));
        admin.alterClientQuotas(
                        List.of(new ClientQuotaAlteration(raw, List.of(new ClientQuotaAlteration.Op(key, value)))))
                .all()
                .get();
        // Apache Kafka answers before its broker goes by it.
        Map<String, Double> expected = value == null ? Map.of() : Map.of(key, value);
        Awaitility.await()
                .until(() -> admin.describeClientQuotas(ClientQuotaFilter.all())
                        .entities()
                        .get()
                        .getOrDefault(raw, Map.of())
                        .equals(expected));
    }

    private static Answer produce(RawClient client, short acks, int bytes) throws Exception {
        MemoryRecords records = MemoryRecords.withRecords(
                Compression.NONE,
                new SimpleRecord(
                        1_700_000_000_000L, null, ByteBuffer.allocate(bytes).array()));
        TopicProduceData topic = new TopicProduceData()
                .setName("limited")
                .setPartitionData(List.of(new PartitionProduceData().setIndex(0).setRecords(records)));
        ProduceRequestData request = new ProduceRequestData()
                .setAcks(acks)
                .setTimeoutMs(1_000)
                .setTopicData(new TopicProduceDataCollection(List.of(topic).iterator()));
        ProduceResponseData response = (ProduceResponseData) client.call(ApiKeys.PRODUCE, WITH_TOPIC_NAMES, request);
        return new Answer(response.throttleTimeMs(), "produce " + Canonical.text(response));
    }

    private static Answer fetch(RawClient client, int maxBytes) throws Exception {
        FetchRequestData request = new FetchRequestData()
                .setMaxWaitMs(0)
                .setMinBytes(1)
                .setMaxBytes(maxBytes)
                .setSessionEpoch(-1)
                .setTopics(List.of(new FetchTopic()
                        .setTopic("limited")
                        .setTopicId(Uuid.ZERO_UUID)
                        .setPartitions(
                                List.of(new FetchPartition().setPartition(0).setPartitionMaxBytes(maxBytes)))));
        FetchResponseData response = (FetchResponseData) client.call(ApiKeys.FETCH, WITH_TOPIC_NAMES, request);
        return new Answer(response.throttleTimeMs(), "fetch " + Canonical.text(response));
    }

    private static Answer create(RawClient client, short version, String name, int partitions) throws Exception {
        CreatableTopic topic =
                new CreatableTopic().setName(name).setNumPartitions(partitions).setReplicationFactor((short) 1);
        CreateTopicsRequestData request = new CreateTopicsRequestData()
                .setTimeoutMs(10_000)
                .setTopics(new CreatableTopicCollection(List.of(topic).iterator()));
        CreateTopicsResponseData response =
                (CreateTopicsResponseData) client.call(ApiKeys.CREATE_TOPICS, version, request);
        return new Answer(
                response.throttleTimeMs(),
                "create "
                        + response.topics().stream()
                                .map(one -> one.name() + " " + one.errorCode() + " " + one.errorMessage())
                                .toList());
    }

    private static Answer delete(RawClient client, short version, String name) throws Exception {
        DeleteTopicsRequestData request = new DeleteTopicsRequestData()
                .setTimeoutMs(10_000)
                .setTopics(List.of(new DeleteTopicsRequestData.DeleteTopicState().setName(name)));
        DeleteTopicsResponseData response =
                (DeleteTopicsResponseData) client.call(ApiKeys.DELETE_TOPICS, version, request);
        return new Answer(response.throttleTimeMs(), "delete " + Canonical.text(response));
    }

    /** How long it was throttled at last; on one connection after the other, since those that are do not answer. */
    private static int metadataUntilThrottled(int port) throws IOException {
        for (int i = 0; i < 1_000; i++) {
            try (RawClient client = new RawClient(port)) {
                MetadataResponseData response = (MetadataResponseData)
                        client.call(ApiKeys.METADATA, WITH_TOPIC_NAMES, new MetadataRequestData());
                if (response.throttleTimeMs() > 0) {
                    return response.throttleTimeMs();
                }
            }
        }
        return 0;
    }
}
