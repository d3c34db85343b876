package io.gregor.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.access.Access;
import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.Caller;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.config.BrokerConfig;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicCollection;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.utils.ByteUtils;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a client asks, in any version, {@link Access} is asked whether it may; what nobody is asked about is named
 * here. Controllers' listeners have the same handlers.
 */
class EveryApiAsksTest {
    /** As in Apache Kafka: how clients get to know the broker and log in, and what they tell of themselves. */
    private static final Set<ApiKeys> ASK_NOTHING = EnumSet.of(
            ApiKeys.API_VERSIONS,
            ApiKeys.SASL_HANDSHAKE,
            ApiKeys.SASL_AUTHENTICATE,
            ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS,
            ApiKeys.PUSH_TELEMETRY,
            // There are none: whoever asks is refused, as without a secret key in Apache Kafka.
            ApiKeys.CREATE_DELEGATION_TOKEN,
            ApiKeys.RENEW_DELEGATION_TOKEN,
            ApiKeys.EXPIRE_DELEGATION_TOKEN,
            ApiKeys.DESCRIBE_DELEGATION_TOKEN);

    private static final int PATIENCE_MS = 60_000;
    private static final String NAME = "name";
    /** As a type of resources. */
    private static final byte TOPIC = 2;

    private static final int ATTEMPTS_MAX = 10_000;

    /** Counts what it is asked, and allows everything until it is to refuse everything. */
    private static final class Counting implements Access {
        private final AtomicInteger questions = new AtomicInteger();
        private volatile boolean refuses;

        @Override
        public boolean allows(Caller caller, AclOperation operation, ResourceType type, String name) {
            questions.incrementAndGet();
            return !refuses;
        }

        @Override
        public boolean wouldAllow(Caller caller, AclOperation operation, ResourceType type, String name) {
            return allows(caller, operation, type, name);
        }

        @Override
        public boolean allowsOnAny(Caller caller, AclOperation operation, ResourceType type) {
            return allows(caller, operation, type, "");
        }
    }

    @TempDir
    private Path folder;

    private int port;
    private Uuid topicId = Uuid.ZERO_UUID;

    @Test
    void noApiAnswersWithoutADecision() throws Exception {
        Counting access = new Counting();
        Set<String> unanswered = new TreeSet<>();
        Set<ApiKeys> unasked = EnumSet.noneOf(ApiKeys.class);
        BrokerConfig config = BrokerConfig.of(Map.of(
                "listeners",
                "PLAINTEXT://127.0.0.1:0",
                "log.dirs",
                folder.toString(),
                "authorizer.class.name",
                "org.apache.kafka.metadata.authorizer.StandardAuthorizer"));
        try (Broker broker = Broker.start(config, () -> {}, null, given -> access)) {
            port = broker.bound().get(0).port();
            createTopic();
            beginTransactions();
            access.refuses = true;
            for (ApiKeys api : ApiKeys.values()) {
                for (short version : api.allVersions()) {
                    int before = access.questions.get();
                    boolean answered = call(api, version, request(api, version)) != null;
                    if (!answered) {
                        unanswered.add(api + " " + version);
                    } else if (access.questions.get() == before) {
                        unasked.add(api);
                    }
                }
            }
            for (ApiVersionsResponseData.ApiVersion served : served()) {
                ApiKeys api = ApiKeys.forId(served.apiKey());
                for (int version = Math.max(served.minVersion(), api.oldestVersion());
                        version <= served.maxVersion();
                        version++) {
                    assertThat(unanswered).doesNotContain(api + " " + version);
                }
            }
        }
        assertThat(unasked).isEqualTo(ASK_NOTHING);
    }

    private void createTopic() throws IOException {
        CreatableTopic topic =
                new CreatableTopic().setName(NAME).setNumPartitions(1).setReplicationFactor((short) 1);
        CreateTopicsResponseData created = (CreateTopicsResponseData) answer(
                ApiKeys.CREATE_TOPICS,
                (short) 7,
                new CreateTopicsRequestData()
                        .setTopics(new CreatableTopicCollection(List.of(topic).iterator())));
        topicId = created.topics().iterator().next().topicId();
        assertThat(topicId).isNotEqualTo(Uuid.ZERO_UUID);
    }

    /** So that there is one to be listed. The coordinator may have to be made first, and asks to be asked again. */
    private void beginTransactions() throws IOException {
        InitProducerIdRequestData request =
                new InitProducerIdRequestData().setTransactionalId(NAME).setTransactionTimeoutMs(PATIENCE_MS);
        FindCoordinatorRequestData finding =
                new FindCoordinatorRequestData().setKeyType((byte) 1).setCoordinatorKeys(List.of(NAME));
        for (int i = 0; i < ATTEMPTS_MAX; i++) {
            answer(ApiKeys.FIND_COORDINATOR, (short) 4, finding);
            InitProducerIdResponseData answer =
                    (InitProducerIdResponseData) answer(ApiKeys.INIT_PRODUCER_ID, (short) 4, request);
            if (answer.errorCode() == 0) {
                return;
            }
        }
        throw new AssertionError("no coordinator");
    }

    private ApiVersionsResponseData.ApiVersionCollection served() throws IOException {
        ApiVersionsResponseData answer =
                (ApiVersionsResponseData) answer(ApiKeys.API_VERSIONS, (short) 0, new ApiVersionsRequestData());
        return answer.apiKeys();
    }

    private ApiMessage answer(ApiKeys api, short version, ApiMessage request) throws IOException {
        return Objects.requireNonNull(call(api, version, request));
    }

    /** The answer, or null if the connection is closed instead. */
    private @Nullable ApiMessage call(ApiKeys api, short version, ApiMessage request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(PATIENCE_MS);
            RequestHeaderData header = new RequestHeaderData()
                    .setRequestApiKey(api.id)
                    .setRequestApiVersion(version)
                    .setClientId(NAME);
            ByteBuffer head = MessageUtil.toByteBufferAccessor(header, api.requestHeaderVersion(version))
                    .buffer();
            ByteBuffer body = MessageUtil.toByteBufferAccessor(request, version).buffer();
            ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + head.remaining() + body.remaining());
            frame.putInt(frame.capacity() - Integer.BYTES).put(head).put(body);
            new DataOutputStream(socket.getOutputStream()).write(frame.array());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readInt()];
            in.readFully(answer);
            ByteBufferAccessor bytes = new ByteBufferAccessor(ByteBuffer.wrap(answer));
            new ResponseHeaderData(bytes, api.responseHeaderVersion(version));
            ApiMessage response = ApiMessageType.fromApiKey(api.id).newResponse();
            response.read(bytes, version);
            return response;
        } catch (EOFException e) {
            return null;
        }
    }

    /** Filled as the schema has it: each array with one element, each name that of the topic. */
    private ApiMessage request(ApiKeys api, short version) throws ReflectiveOperationException {
        ApiMessage request = ApiMessageType.fromApiKey(api.id).newRequest();
        Schema[] schemas = (Schema[]) request.getClass().getField("SCHEMAS").get(null);
        ByteBuffer out = ByteBuffer.allocate(1 << 16);
        write(schemas[version], "", out);
        request.read(new ByteBufferAccessor(out.flip()), version);
        if (request instanceof MetadataRequestData metadata) {
            // By name or by id, not by both.
            metadata.topics().forEach(topic -> topic.setTopicId(Uuid.ZERO_UUID));
        }
        return request;
    }

    private void write(Type type, String name, ByteBuffer out) {
        boolean compact = type.getClass().getSimpleName().startsWith("Compact")
                || type instanceof Type.DocumentedType leaf && leaf.typeName().startsWith("COMPACT");
        if (type instanceof Schema schema) {
            if (type.isNullable()) {
                out.put((byte) 1);
            }
            for (BoundField field : schema.fields()) {
                write(field.def.type, field.def.name, out);
            }
        } else if (type instanceof TaggedFields) {
            ByteUtils.writeUnsignedVarint(0, out);
        } else if (type.isArray()) {
            // A session that begins forgets nothing, and a list is of all that there is.
            int count = name.equals("forgotten_topics_data") || name.endsWith("_filters") ? 0 : 1;
            writeLength(count, compact, Integer.BYTES, out);
            for (int i = 0; i < count; i++) {
                write(type.arrayElementType().orElseThrow(), name, out);
            }
        } else {
            leaf((Type.DocumentedType) type, name, compact, out);
        }
    }

    private void leaf(Type.DocumentedType type, String name, boolean compact, ByteBuffer out) {
        switch (type.typeName().replace("COMPACT_", "").replace("NULLABLE_", "")) {
            case "BOOLEAN" -> out.put((byte) 1);
            case "INT8" -> out.put(int8(name));
            case "INT16", "UINT16" -> out.putShort((short) 1);
            case "INT32" -> out.putInt(name.equals("replica_id") ? -1 : 0);
            case "INT64" -> out.putLong(name.equals("duration_filter") ? -1 : 0);
            case "FLOAT64" -> out.putDouble(1);
            case "UUID" -> out.putLong(topicId.getMostSignificantBits()).putLong(topicId.getLeastSignificantBits());
            case "STRING" -> {
                byte[] text = NAME.getBytes(StandardCharsets.UTF_8);
                writeLength(text.length, compact, Short.BYTES, out);
                out.put(text);
            }
            default -> writeLength(0, compact, Integer.BYTES, out);
        }
    }

    private static byte int8(String name) {
        return switch (name) {
            case "key_type" -> 0;
            case "endpoint_type" -> 1;
            default -> TOPIC;
        };
    }

    private static void writeLength(int length, boolean compact, int bytes, ByteBuffer out) {
        if (compact) {
            ByteUtils.writeUnsignedVarint(length + 1, out);
        } else if (bytes == Short.BYTES) {
            out.putShort((short) length);
        } else {
            out.putInt(length);
        }
    }
}
