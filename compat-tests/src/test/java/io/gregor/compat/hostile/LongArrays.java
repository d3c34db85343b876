package io.gregor.compat.hostile;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;

/** A request in which one array is long, and each other has one element; made from Kafka's schemas. */
final class LongArrays {
    /** What the elements of the long array say. */
    enum Elements {
        DISTINCT,
        ALL_THE_SAME
    }

    private final ApiKeys key;
    private final short version;
    private final String path;
    private final int length;
    private final Elements elements;
    private final Uuid topicId;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private int element;

    /** @param path of the array that is long: one of {@link #paths} */
    LongArrays(ApiKeys key, short version, String path, int length, Elements elements, Uuid topicId) {
        this.key = key;
        this.version = version;
        this.path = path;
        this.length = length;
        this.elements = elements;
        this.topicId = topicId;
    }

    /** The arrays that a request has, by their fields. */
    static List<String> paths(ApiKeys key, short version) {
        List<String> paths = new ArrayList<>();
        collect(schema(key, version), "", paths);
        return paths;
    }

    private static void collect(Type type, String path, List<String> paths) {
        if (type instanceof Schema schema) {
            for (BoundField field : schema.fields()) {
                collect(field.def.type, path + "/" + field.def.name, paths);
            }
        } else if (type.isArray()) {
            paths.add(path);
            collect(type.arrayElementType().orElseThrow(), path, paths);
        }
    }

    private static Schema schema(ApiKeys key, short version) {
        return ApiMessageType.fromApiKey(key.id).requestSchemas()[version];
    }

    /** The frame without its length. */
    byte[] frame(int correlationId) {
        try {
            out.writeShort(key.id);
            out.writeShort(version);
            out.writeInt(correlationId);
            out.writeShort(-1);
            if (key.requestHeaderVersion(version) > 1) {
                out.writeByte(0);
            }
            write(schema(key, version), "", "");
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void write(Type type, String name, String at) throws IOException {
        if (type instanceof Schema schema) {
            if (type.isNullable()) {
                out.writeByte(1);
            }
            for (BoundField field : schema.fields()) {
                write(field.def.type, field.def.name, at + "/" + field.def.name);
            }
        } else if (type instanceof TaggedFields) {
            out.writeByte(0);
        } else if (type.isArray()) {
            boolean isLong = at.equals(path);
            int count = isLong ? length : 1;
            length(count, type.getClass().getSimpleName().startsWith("Compact"), false);
            for (int i = 0; i < count; i++) {
                element = isLong && elements == Elements.DISTINCT ? i : element;
                write(type.arrayElementType().orElseThrow(), name, at);
            }
        } else {
            leaf((Type.DocumentedType) type, name);
        }
    }

    private void leaf(Type.DocumentedType type, String name) throws IOException {
        String kind = type.typeName();
        boolean compact = kind.startsWith("COMPACT");
        switch (kind.replace("COMPACT_", "").replace("NULLABLE_", "")) {
            case "BOOLEAN" -> out.writeByte(0);
            case "INT8" -> out.writeByte(name.equals("resource_type") ? 2 : 0);
            case "INT16", "UINT16" -> out.writeShort(1);
            case "INT32" -> out.writeInt(int32(name));
            case "INT64" -> out.writeLong(element);
            case "FLOAT64" -> out.writeDouble(1e9);
            case "UUID" -> {
                out.writeLong(topicId.getMostSignificantBits());
                out.writeLong(topicId.getLeastSignificantBits() + element);
            }
            case "STRING" -> {
                byte[] text = text(name).getBytes(StandardCharsets.UTF_8);
                length(text.length, compact, true);
                out.write(text);
            }
            default -> length(0, compact, false);
        }
    }

    private int int32(String name) {
        if (name.contains("max_wait")) {
            return 0;
        }
        return name.contains("_ms") ? 10_000 : name.contains("bytes") ? 1 << 20 : element;
    }

    private String text(String name) {
        boolean real = name.contains("topic") || name.equals("name");
        return real && element == 0 ? LongArraysTest.TOPIC : "own-" + element;
    }

    private void length(int length, boolean compact, boolean isString) throws IOException {
        if (!compact) {
            if (isString) {
                out.writeShort(length);
            } else {
                out.writeInt(length);
            }
            return;
        }
        int rest = length + 1;
        while ((rest & ~0x7f) != 0) {
            out.writeByte(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }
}
