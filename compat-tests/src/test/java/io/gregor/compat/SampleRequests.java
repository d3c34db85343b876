package io.gregor.compat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.utils.ByteUtils;

/**
 * Requests with one element in each array, made from Kafka's schemas: names are those of a topic or a group, numbers
 * are small, ids are the topic's.
 */
record SampleRequests(String topic, Uuid topicId, boolean known) {
    /** The request, as it reads in that version. */
    ApiMessage fill(ApiMessage request, short version) {
        ByteBuffer out = ByteBuffer.allocate(1 << 16);
        write(EveryVersionTest.schema(request, version), "", out);
        request.read(new ByteBufferAccessor(out.flip()), version);
        return request;
    }

    private void write(Type type, String name, ByteBuffer out) {
        if (type instanceof Schema schema) {
            if (type.isNullable()) {
                out.put((byte) -1);
                return;
            }
            for (BoundField field : schema.fields()) {
                write(field.def.type, field.def.name, out);
            }
        } else if (type instanceof TaggedFields) {
            ByteUtils.writeUnsignedVarint(0, out);
        } else if (type.isArray()) {
            boolean compact = type.getClass().getSimpleName().startsWith("Compact");
            boolean empty = name.contains("forgotten") || name.equals("assignments") || name.equals("configs");
            length(empty ? 0 : 1, compact, false, out);
            if (!empty) {
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
            case "BOOLEAN" -> out.put((byte) 0);
            case "INT8" -> out.put((byte) (name.equals("resource_type") ? 2 : name.equals("endpoint_type") ? 1 : 0));
            case "INT16" -> out.putShort((short) 1);
            case "INT32" -> out.putInt(number(name));
            case "INT64" -> out.putLong(name.equals("timestamp") ? -1 : 0);
            case "UUID" -> out.putLong(topicId.getMostSignificantBits()).putLong(topicId.getLeastSignificantBits());
            case "STRING" -> {
                boolean isNull = type.isNullable() && (name.contains("instance") || name.contains("transactional"));
                byte[] text = text(name).getBytes(StandardCharsets.UTF_8);
                length(isNull ? -1 : text.length, compact, true, out);
                out.put(isNull ? new byte[0] : text);
            }
            default -> length(0, compact, false, out);
        }
    }

    private static int number(String name) {
        return switch (name) {
            case "session_timeout_ms" -> 10_000;
            case "session_epoch", "current_leader_epoch", "last_fetched_epoch" -> -1;
            case "num_partitions", "max_bytes", "partition_max_bytes", "count" -> 1;
            default -> 0;
        };
    }

    private String text(String name) {
        boolean aboutTopics = name.equals("name") || name.contains("topic") || name.equals("resource_name");
        if (name.startsWith("client_software")) {
            return "sample";
        }
        if (name.equals("member_id")) {
            return "";
        }
        return aboutTopics && known ? topic : "unknown";
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
