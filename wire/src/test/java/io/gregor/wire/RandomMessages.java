package io.gregor.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;

/** Writes random messages of one of Apache Kafka's schemas, from a seed. */
final class RandomMessages {
    private final Random random;
    private final ByteBuffer out = ByteBuffer.allocate(1 << 20);

    RandomMessages(long seed) {
        random = new Random(seed);
    }

    byte[] next(Schema schema) {
        out.clear();
        write(schema, out, 0, -1);
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    private void write(Type type, ByteBuffer to, int depth, int absent) {
        if (type instanceof Schema schema) {
            if (type.isNullable()) {
                boolean isNull = random.nextInt(4) == 0;
                to.put((byte) (isNull ? absent : 1));
                if (isNull) {
                    return;
                }
            }
            for (BoundField field : schema.fields()) {
                write(field.def.type, to, depth + 1, -1);
            }
        } else if (type instanceof TaggedFields tagged) {
            writeTagged(tagged, to, depth);
        } else if (type.isArray()) {
            writeArray(type, to, depth);
        } else {
            writeLeaf((Type.DocumentedType) type, to);
        }
    }

    private void writeTagged(TaggedFields tagged, ByteBuffer to, int depth) {
        Map<Integer, Field> chosen = new TreeMap<>(tagged.fields());
        chosen.keySet().removeIf(tag -> random.nextBoolean());
        Varints.writeUnsigned(to, chosen.size());
        chosen.forEach((tag, field) -> {
            ByteBuffer payload = ByteBuffer.allocate(1 << 18);
            write(field.type, payload, depth + 1, 0);
            payload.flip();
            Varints.writeUnsigned(to, tag);
            Varints.writeUnsigned(to, payload.remaining());
            to.put(payload);
        });
    }

    private void writeArray(Type type, ByteBuffer to, int depth) {
        boolean isNull = type.isNullable() && random.nextInt(4) == 0;
        int count = isNull ? -1 : random.nextInt(depth > 3 ? 2 : 3);
        boolean compact = type.getClass().getSimpleName().startsWith("Compact");
        length(to, count, compact);
        for (int i = 0; i < count; i++) {
            write(type.arrayElementType().orElseThrow(), to, depth + 1, -1);
        }
    }

    private void writeLeaf(Type.DocumentedType type, ByteBuffer to) {
        String name = type.typeName();
        boolean compact = name.startsWith("COMPACT");
        boolean isNull = type.isNullable() && random.nextInt(4) == 0;
        switch (name.replace("COMPACT_", "").replace("NULLABLE_", "")) {
            case "BOOLEAN" -> to.put((byte) random.nextInt(2));
            case "INT8" -> to.put((byte) random.nextInt());
            case "INT16", "UINT16" -> to.putShort((short) random.nextInt());
            case "INT32", "UINT32" -> to.putInt(random.nextInt());
            case "INT64" -> to.putLong(random.nextLong());
            case "FLOAT64" -> to.putDouble(random.nextGaussian());
            case "UUID" -> to.putLong(random.nextLong()).putLong(random.nextLong());
            case "STRING" -> {
                byte[] text =
                        ("t" + random.nextInt(100000) + "é".repeat(random.nextInt(3))).getBytes(StandardCharsets.UTF_8);
                if (compact) {
                    length(to, isNull ? -1 : text.length, true);
                } else {
                    to.putShort((short) (isNull ? -1 : text.length));
                }
                to.put(isNull ? new byte[0] : text);
            }
            case "BYTES", "RECORDS" -> {
                byte[] bytes = new byte[random.nextInt(name.contains("RECORDS") ? 2000 : 20)];
                random.nextBytes(bytes);
                length(to, isNull ? -1 : bytes.length, compact);
                to.put(isNull ? new byte[0] : bytes);
            }
            default -> throw new AssertionError(name);
        }
    }

    private static void length(ByteBuffer to, int length, boolean compact) {
        if (compact) {
            Varints.writeUnsigned(to, length + 1);
        } else {
            to.putInt(length);
        }
    }
}
