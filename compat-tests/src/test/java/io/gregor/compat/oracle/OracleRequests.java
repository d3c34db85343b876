package io.gregor.compat.oracle;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.utils.ByteUtils;

/**
 * Requests from a seed, made from Kafka's schemas with values that mean something: existing and unknown topics and
 * groups, right and wrong epochs and offsets, null and empty arrays. The same seed makes the same request for either
 * broker, but for topic ids, which are each broker's own.
 */
final class OracleRequests {
    private static final List<String> TOPICS =
            List.of("oracle", "oracle", "oracle", "__consumer_offsets", "unknown", "", "bad name!", "fresh");
    private static final List<String> GROUPS = List.of("committed", "committed", "unknown", "");
    private static final long FIRST_TIMESTAMP = 1_700_000_000_000L;

    private final Random random;
    private static final List<String> CONFIGS = List.of(
            "retention.bytes",
            "flush.ms",
            "cleanup.policy",
            "cleanup.policy",
            "compression.type",
            "segment.bytes",
            "min.compaction.lag.ms",
            "max.compaction.lag.ms",
            "log.segment.bytes",
            "log.flush.interval.ms",
            "log.cleanup.policy",
            "message.max.bytes",
            "num.partitions",
            "ssl.truststore.type",
            "listener.name.external.ssl.truststore.type",
            "leader.replication.throttled.rate",
            "preallocate",
            "interval.ms",
            "metrics",
            "match",
            "nonsense");

    private final Function<String, Uuid> topicIds;
    private boolean altersConfigs;
    private boolean aboutQuotas;
    private boolean aboutUsers;
    private boolean aboutQuorum;

    OracleRequests(long seed, Function<String, Uuid> topicIds) {
        this.random = new Random(seed);
        this.topicIds = topicIds;
    }

    ApiMessage fill(ApiMessage request, short version) {
        altersConfigs =
                request instanceof AlterConfigsRequestData || request instanceof IncrementalAlterConfigsRequestData;
        aboutQuotas =
                request instanceof AlterClientQuotasRequestData || request instanceof DescribeClientQuotasRequestData;
        aboutQuorum = request instanceof DescribeQuorumRequestData;
        aboutUsers = request instanceof AlterUserScramCredentialsRequestData
                || request instanceof DescribeUserScramCredentialsRequestData;
        ByteBuffer out = ByteBuffer.allocate(1 << 16);
        write(schema(request, version), "", out);
        request.read(new ByteBufferAccessor(out.flip()), version);
        return request;
    }

    /** The schema of that version of a message. */
    private static Schema schema(ApiMessage message, short version) {
        try {
            return ((Schema[]) message.getClass().getField("SCHEMAS").get(null))[version];
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private <T> T pick(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private void write(Type type, String name, ByteBuffer out) {
        if (type instanceof Schema schema) {
            if (type.isNullable()) {
                boolean isNull = random.nextInt(3) > 0;
                out.put((byte) (isNull ? -1 : 1));
                if (isNull) {
                    return;
                }
            }
            for (BoundField field : schema.fields()) {
                write(field.def.type, field.def.name, out);
            }
        } else if (type instanceof TaggedFields) {
            ByteUtils.writeUnsignedVarint(0, out);
        } else if (type.isArray()) {
            boolean isNull = type.isNullable() && random.nextInt(5) == 0;
            boolean mustBeEmpty = name.equals("configs") && !altersConfigs || name.equals("forgotten_topics_data");
            int count = isNull ? -1 : mustBeEmpty ? 0 : pick(List.of(1, 1, 1, 2, 0));
            length(count, type.getClass().getSimpleName().startsWith("Compact"), false, out);
            for (int i = 0; i < count; i++) {
                write(type.arrayElementType().orElseThrow(), name, out);
            }
        } else {
            leaf((Type.DocumentedType) type, name, out);
        }
    }

    private void leaf(Type.DocumentedType type, String name, ByteBuffer out) {
        String kind = type.typeName();
        boolean compact = kind.startsWith("COMPACT");
        switch (kind.replace("COMPACT_", "").replace("NULLABLE_", "")) {
            case "BOOLEAN" -> out.put((byte) random.nextInt(2));
            case "INT8" -> out.put(int8(name));
            case "INT16" -> out.putShort(int16(name));
            case "UINT16" -> out.putShort((short) 9093);
            case "INT32" -> out.putInt(int32(name));
            case "INT64" -> out.putLong(int64(name));
            case "FLOAT64" -> out.putDouble(pick(List.of(1e9, 1e9, 0.5, 0.0, -1.0, 1e300)));
            case "UUID" -> {
                Uuid id = pick(List.of(topicIds.apply("oracle"), topicIds.apply("oracle"), new Uuid(7, 7)));
                out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
            }
            case "STRING" -> {
                boolean isNull = type.isNullable() && random.nextInt(3) > 0;
                byte[] text = isNull ? new byte[0] : text(name).getBytes(StandardCharsets.UTF_8);
                length(isNull ? -1 : text.length, compact, true, out);
                out.put(text);
            }
            case "BYTES" -> {
                // What is salted must not be empty.
                length(aboutUsers ? 3 : 0, compact, false, out);
                out.put(aboutUsers ? new byte[] {1, 2, 3} : new byte[0]);
            }
            default -> length(0, compact, false, out);
        }
    }

    private byte int8(String name) {
        return switch (name) {
            case "match_type" -> pick(List.of((byte) 0, (byte) 0, (byte) 1, (byte) 2, (byte) 2, (byte) 9));
            case "mechanism" -> pick(List.of((byte) 1, (byte) 1, (byte) 2, (byte) 2, (byte) 0, (byte) 9));
            case "resource_type" -> pick(List.of((byte) 2, (byte) 2, (byte) 4, (byte) 16, (byte) 32, (byte) 77));
            case "endpoint_type" -> pick(List.of((byte) 1, (byte) 1, (byte) 2, (byte) 9));
            case "config_operation" -> pick(List.of((byte) 0, (byte) 0, (byte) 1, (byte) 2, (byte) 3, (byte) 9));
            case "upgrade_type" -> pick(List.of((byte) 1, (byte) 1, (byte) 2, (byte) 3, (byte) 0, (byte) 9));
            case "key_type" -> pick(List.of((byte) 0, (byte) 0, (byte) 9));
            default -> (byte) random.nextInt(2);
        };
    }

    private short int16(String name) {
        if (name.equals("max_version_level")) {
            return pick(List.of(
                    (short) -1, (short) 0, (short) 1, (short) 2, (short) 3, (short) 29, (short) 30, (short) 31));
        }
        // acks=0 would be answered by nothing at all.
        return pick(List.of((short) 1, (short) -1, (short) (name.equals("acks") ? 1 : 0), (short) 5));
    }

    private int int32(String name) {
        if (name.contains("epoch")) {
            return name.equals("session_epoch") ? pick(List.of(-1, -1, 0, 3)) : pick(List.of(-1, -1, 0, 0, 5));
        }
        if (name.contains("session_id")) {
            return pick(List.of(0, 0, 12345));
        }
        if (name.endsWith("_ms")) {
            return name.equals("timeout_ms") ? 30_000 : 0;
        }
        if (name.contains("generation")) {
            return pick(List.of(-1, -1, 0, 1));
        }
        if (name.contains("bytes")) {
            return pick(List.of(1, 100, 100_000));
        }
        if (name.equals("replica_id")) {
            return -1;
        }
        if (name.equals("broker_id")) {
            // Not one that runs: Apache Kafka would let it go.
            return pick(List.of(0, 2, 5, -1));
        }
        if (name.equals("iterations")) {
            return pick(List.of(4_096, 4_096, 8_192, 4_095, 16_385));
        }
        return name.contains("limit") ? pick(List.of(1, 2, 1000)) : pick(List.of(0, 0, 1, 2, 5, -1));
    }

    private long int64(String name) {
        if (name.contains("timestamp")) {
            return pick(List.of(-1L, -2L, -3L, -4L, -5L, -6L, -7L, 0L, FIRST_TIMESTAMP + 15, FIRST_TIMESTAMP + 99_999));
        }
        if (name.endsWith("_ms")) {
            return -1;
        }
        return pick(List.of(0L, 1L, 3L, 9L, 30L, 31L, 100L, -1L));
    }

    private String text(String name) {
        if (aboutQuorum) {
            return pick(List.of("__cluster_metadata", "__cluster_metadata", "oracle"));
        }
        if (aboutUsers) {
            return pick(List.of("alice", "alice", "bob", "bob", "nobody", ""));
        }
        if (aboutQuotas) {
            return switch (name) {
                case "entity_type" ->
                    pick(List.of("user", "user", "client-id", "client-id", "client-id", "ip", "nonsense", ""));
                case "key" ->
                    pick(List.of(
                            "producer_byte_rate",
                            "consumer_byte_rate",
                            "request_percentage",
                            "controller_mutation_rate",
                            "connection_creation_rate",
                            "nonsense"));
                default -> pick(List.of("alice", "alice", "tool", "10.0.0.1", ""));
            };
        }
        if (name.startsWith("client_software")) {
            return pick(List.of("sample", "1.2.3", "bad name!", ""));
        }
        if (name.contains("group") && !name.contains("instance")
                || name.equals("key")
                || name.contains("coordinator")) {
            return pick(GROUPS);
        }
        if (altersConfigs && name.equals("name")) {
            return pick(CONFIGS);
        }
        if (altersConfigs && name.equals("value")) {
            return pick(List.of(
                    "1000",
                    "50000",
                    "compact",
                    "delete",
                    "compact,delete",
                    "-1",
                    "lz4",
                    "true",
                    "client_id=a.*",
                    "client_id=(",
                    "",
                    "nonsense"));
        }
        if (name.contains("member") || name.contains("instance")) {
            return pick(List.of("", "nobody"));
        }
        if (name.equals("resource_name") && altersConfigs) {
            // Not the cluster's defaults: Kafka keeps one there that must not be removed (KIP-966).
            return pick(List.of("oracle", "oracle", "1", "unknown", "77", "__consumer_offsets"));
        }
        if (name.equals("resource_name")) {
            return pick(List.of("oracle", "oracle", "1", "unknown", "", "77", "__consumer_offsets"));
        }
        if (name.contains("filter")) {
            return pick(List.of("Empty", "stable", "classic", "nonsense"));
        }
        if (name.equals("feature")) {
            return pick(List.of("metadata.version", "transaction.version", "group.version", "nonsense"));
        }
        if (name.contains("config")) {
            return pick(List.of("retention.ms", "num.partitions", "nonsense"));
        }
        return name.contains("transactional") ? "transactional" : pick(TOPICS);
    }

    private static void length(int length, boolean compact, boolean isString, ByteBuffer out) {
        if (compact) {
            ByteUtils.writeUnsignedVarint(length + 1, out);
        } else if (isString) {
            out.putShort((short) length);
        } else {
            out.putInt(length);
        }
    }
}
