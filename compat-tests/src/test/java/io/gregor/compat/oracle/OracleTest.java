package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.Canonical;
import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same requests to Apache Kafka and to Gregor: the answers must be the same, field by field. */
@Tag("once")
class OracleTest {
    private static final List<Integer> SEEDS = Seeds.of("oracle.seeds", 20, 1);

    /**
     * Changes what later requests see, depends on waiting, or tells what a broker has that the other has not. The two
     * before the last are for brokers only: Kafka never answers some of them. They are compared in
     * {@link TransactionOracleTest}. At some requests of the last Apache Kafka's process ends, which is its only voter:
     * nothing could be compared any more.
     */
    private static final Set<ApiKeys> LEFT_OUT = Set.of(
            ApiKeys.JOIN_GROUP,
            ApiKeys.SYNC_GROUP,
            ApiKeys.INIT_PRODUCER_ID,
            ApiKeys.API_VERSIONS,
            ApiKeys.PRODUCE,
            ApiKeys.WRITE_TXN_MARKERS,
            ApiKeys.ADD_RAFT_VOTER);

    private static final List<ApiKeys> CHANGES = List.of(
            ApiKeys.ALTER_CONFIGS,
            ApiKeys.INCREMENTAL_ALTER_CONFIGS,
            ApiKeys.DELETE_RECORDS,
            ApiKeys.CREATE_TOPICS,
            ApiKeys.CREATE_PARTITIONS,
            ApiKeys.DELETE_TOPICS,
            ApiKeys.ALTER_CLIENT_QUOTAS,
            // Finds what was altered.
            ApiKeys.DESCRIBE_CLIENT_QUOTAS,
            ApiKeys.ALTER_USER_SCRAM_CREDENTIALS,
            ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS,
            ApiKeys.REMOVE_RAFT_VOTER);

    private static final Pattern ERROR_CODE = Pattern.compile("errorCode=(-?\\d+)");
    private static final String CLOSED = "the connection was closed";

    private record Side(String address, int port, Map<String, Uuid> ids) {
        static Side of(String address, int port) throws Exception {
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
            return new Side(address, port, ids);
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

        String answer(ApiKeys key, short version, long seed) throws Exception {
            ApiMessage request = request(key, version, seed, ids);
            if (isNeverAnswered(request)) {
                return "";
            }
            try (RawClient client = new RawClient(port)) {
                String answer = Canonical.text(client.call(key, version, request));
                return key == ApiKeys.DESCRIBE_QUORUM
                        ? answer.replaceAll("(logEndOffset|highWatermark)=\\d+", "$1")
                        : answer;
            } catch (IOException e) {
                return CLOSED;
            }
        }
    }

    @Test
    void answersAreThoseOfApacheKafka(@TempDir Path folder) throws Exception {
        Map<String, String> differences = new TreeMap<>();
        int pairs = 0;
        try (KafkaProcess kafka = KafkaProcess.start(folder);
                GregorProcess gregor =
                        GregorProcess.start(folder, "auto.create.topics.enable=false", "log.retention.ms=-1")) {
            Side theirs = Side.of(kafka.address(), kafka.port());
            Side ours = Side.of(gregor.address(), gregor.port());
            List<ApiVersion> apis = new ArrayList<>(advertised(ours));
            // What changes topics comes last.
            apis.sort(Comparator.comparingInt(api -> CHANGES.indexOf(ApiKeys.forId(api.apiKey()))));
            for (ApiVersion api : apis) {
                ApiKeys key = ApiKeys.forId(api.apiKey());
                for (short version = api.minVersion(); version <= api.maxVersion(); version++) {
                    for (int each : LEFT_OUT.contains(key) ? List.<Integer>of() : SEEDS) {
                        long seed = key.id * 1_000_000L + version * 10_000L + each;
                        short asked = version;
                        Answers answers =
                                Answers.of(() -> theirs.answer(key, asked, seed), () -> ours.answer(key, asked, seed));
                        pairs++;
                        if (!agree(answers)) {
                            ApiMessage request = request(key, version, seed, ours.ids());
                            differences.putIfAbsent(
                                    key + " " + firstDifference(answers.ours(), answers.theirs()),
                                    "version " + version + " seed " + seed + "\n  " + request + "\n  Kafka:  "
                                            + answers.theirs() + "\n  Gregor: " + answers.ours());
                        }
                        if (answers.theirs().equals(CLOSED)) {
                            assertThat(kafka.isAlive())
                                    .as("Apache Kafka's process lives after %s version %d seed %d", key, version, seed)
                                    .isTrue();
                        }
                    }
                }
            }
        }
        assertThat(pairs).isGreaterThan(SEEDS.size() * 100);
        assertThat(differences).as(pairs + " pairs").isEmpty();
    }

    private static ApiMessage request(ApiKeys key, short version, long seed, Map<String, Uuid> ids) {
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

    /** Where Apache Kafka stumbles over a request, or over a part of it, whatever says what is wrong there is right. */
    private static boolean agree(Answers answers) {
        if (answers.areEqual() || answers.ours().equals(CLOSED)) {
            return answers.areEqual();
        }
        List<Integer> theirs = errorCodes(answers.theirs());
        if (!answers.theirs().equals(CLOSED) && !theirs.contains(-1)) {
            return false;
        }
        List<Integer> ours = errorCodes(answers.ours());
        if (theirs.stream().allMatch(code -> code == -1)) {
            return ours.stream().anyMatch(code -> code != 0);
        }
        theirs.stream().filter(code -> code != -1).forEach(ours::remove);
        return !ours.isEmpty() && !ours.contains(0);
    }

    private static List<Integer> errorCodes(String answer) {
        List<Integer> codes = new ArrayList<>();
        Matcher code = ERROR_CODE.matcher(answer);
        while (code.find()) {
            codes.add(Integer.valueOf(code.group(1)));
        }
        return codes;
    }

    /** A few characters around where the two part: differences of one kind are shown once. */
    private static String firstDifference(String ours, String theirs) {
        byte[] a = ours.getBytes(StandardCharsets.UTF_8);
        byte[] b = theirs.getBytes(StandardCharsets.UTF_8);
        int at = Arrays.mismatch(a, b);
        String before = ours.substring(Math.max(0, at - 18), Math.min(at, ours.length()))
                .replaceAll("\\d", "#");
        return before + "<" + theirs.substring(at, Math.min(theirs.length(), at + 4)) + "|"
                + ours.substring(at, Math.min(ours.length(), at + 4)) + ">";
    }

    private static List<ApiVersion> advertised(Side side) throws Exception {
        try (RawClient client = new RawClient(side.port())) {
            ApiMessage request = ApiMessageType.API_VERSIONS.newRequest();
            ApiMessage response = client.call(ApiKeys.API_VERSIONS, (short) 0, request);
            return List.copyOf(((ApiVersionsResponseData) response).apiKeys());
        }
    }
}
