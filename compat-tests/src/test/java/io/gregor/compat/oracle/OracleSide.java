package io.gregor.compat.oracle;

import io.gregor.compat.Canonical;
import io.gregor.compat.RawClient;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.serialization.StringSerializer;

/** A broker that an oracle asks, and the ids that its topics have. */
record OracleSide(int port, Map<String, Uuid> ids) {
    private static final Pattern OFFSETS_OF_QUORUM = Pattern.compile("(logEndOffset|highWatermark)=\\d+");

    /** Makes what requests find there: a topic with records, and a group with an offset. */
    static OracleSide of(int port) throws Exception {
        String address = "localhost:" + port;
        Map<String, Uuid> ids = new HashMap<>();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            ids.put(
                    "oracle",
                    admin.createTopics(List.of(new NewTopic("oracle", 2, (short) 1)))
                            .topicId("oracle")
                            .get());
            produce(address);
            admin.alterConsumerGroupOffsets(
                            "committed", Map.of(new TopicPartition("oracle", 0), new OffsetAndMetadata(3, "why")))
                    .all()
                    .get();
        }
        try (RawClient client = new RawClient(port)) {
            client.awaitCoordinator((byte) 1);
        }
        return new OracleSide(port, ids);
    }

    private static void produce(String address) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", address, "enable.idempotence", false);
        try (Producer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < 30; i++) {
                long timestamp = 1_700_000_000_000L + i * 10L;
                producer.send(new ProducerRecord<>("oracle", 0, timestamp, "k" + i, "v".repeat(i)))
                        .get();
            }
        }
    }

    /** As text whose parts have an order, without what is each broker's own. */
    String answer(ApiKeys key, short version, long seed) throws Exception {
        ApiMessage request = request(key, version, seed);
        if (isNeverAnswered(request)) {
            return "";
        }
        try (RawClient client = new RawClient(port)) {
            String answer = Canonical.text(client.call(key, version, request));
            return key == ApiKeys.DESCRIBE_QUORUM
                    ? OFFSETS_OF_QUORUM.matcher(answer).replaceAll("$1")
                    : answer;
        } catch (IOException e) {
            return Answers.CLOSED;
        }
    }

    ApiMessage request(ApiKeys key, short version, long seed) {
        return new OracleRequests(seed, ids::get)
                .fill(ApiMessageType.fromApiKey(key.id).newRequest(), version);
    }

    /**
     * Apache Kafka leaves a client without an answer that alters the configurations of a resource twice, or a broker
     * that adds partitions to no transaction, or to one twice.
     */
    private static boolean isNeverAnswered(ApiMessage request) {
        return request instanceof AddPartitionsToTxnRequestData added
                        && added.v3AndBelowTransactionalId().isEmpty()
                        && added.transactions().size() != 1
                || request instanceof AlterConfigsRequestData configs
                        && configs.resources().stream()
                                        .map(resource -> resource.resourceType() + resource.resourceName())
                                        .distinct()
                                        .count()
                                < configs.resources().size();
    }

    /** What the broker says that it answers. */
    List<ApiVersion> advertised() throws Exception {
        try (RawClient client = new RawClient(port)) {
            ApiMessage request = ApiMessageType.API_VERSIONS.newRequest();
            ApiMessage response = client.call(ApiKeys.API_VERSIONS, (short) 0, request);
            return List.copyOf(((ApiVersionsResponseData) response).apiKeys());
        }
    }
}
