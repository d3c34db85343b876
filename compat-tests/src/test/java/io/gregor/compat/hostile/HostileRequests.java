package io.gregor.compat.hostile;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;

/**
 * Frames from a seed, field by field from Kafka's schemas, with values, lengths and counts that a client would not send
 * here and there. Nothing in them stops others by right: no quota, no limit and no topic that others use is named.
 */
final class HostileRequests {
    private static final List<String> CONFIGS = List.of(
            "retention.ms", "cleanup.policy", "compression.type", "segment.bytes", "flush.ms", "nonsense", "match");
    private static final List<String> VALUES =
            List.of("1000", "compact", "delete", "-1", "lz4", "zstd", "true", "client_id=(a*)*", "((((((", "", "x,y");

    private final Random random;
    private final String own;
    private final Uuid topicId;
    private final ApiKeys key;
    private final short version;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    /** How many fields out of a thousand are not as they should be. */
    private final int damage;

    private final int bytesMax;

    HostileRequests(long seed, ApiKeys key, short version, Uuid topicId) {
        this.random = new Random(seed);
        this.own = Long.toHexString(seed);
        this.topicId = topicId;
        this.key = key;
        this.version = version;
        this.damage = pick(List.of(0, 5, 40, 200));
        this.bytesMax = random.nextInt(50) == 0 ? 300_000 : 3_000;
    }

    /** The frame without its length. */
    byte[] frame() {
        try {
            header();
            int head = bytes.size();
            write(schema(), "");
            return damaged(bytes.toByteArray(), head);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Schema schema() {
        Schema[] schemas = ApiMessageType.fromApiKey(key.id).requestSchemas();
        return schemas[Math.min(version, schemas.length - 1)];
    }

    private void header() throws IOException {
        short headerVersion = key.requestHeaderVersion(version);
        out.writeShort(key.id);
        out.writeShort(version);
        out.writeInt(random.nextInt());
        string("client_id", false, true);
        if (headerVersion > 1) {
            tags(Map.of());
        }
    }

    /** Cut, longer than it should be, or with some other bytes. */
    private byte[] damaged(byte[] frame, int head) {
        switch (isDamaged() ? random.nextInt(3) : -1) {
            case 0 -> {
                byte[] cut = new byte[random.nextInt(frame.length)];
                System.arraycopy(frame, 0, cut, 0, cut.length);
                return cut;
            }
            case 1 -> {
                byte[] more = new byte[frame.length + 1 + random.nextInt(40)];
                random.nextBytes(more);
                System.arraycopy(frame, 0, more, 0, frame.length);
                return more;
            }
            case 2 -> {
                for (int i = 1 + random.nextInt(4); i > 0 && frame.length > head; i--) {
                    frame[head + random.nextInt(frame.length - head)] = (byte) random.nextInt();
                }
                return frame;
            }
            default -> {
                return frame;
            }
        }
    }

    private <T> T pick(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private boolean isDamaged() {
        return random.nextInt(1_000) < damage;
    }

    private void write(Type type, String name) throws IOException {
        if (type instanceof Schema schema) {
            if (type.isNullable()) {
                boolean isNull = random.nextInt(3) > 0;
                out.writeByte(isDamaged() ? random.nextInt() : isNull ? -1 : 1);
                if (isNull) {
                    return;
                }
            }
            for (BoundField field : schema.fields()) {
                write(field.def.type, field.def.name);
            }
        } else if (type instanceof TaggedFields tagged) {
            tags(tagged.fields());
        } else if (type.isArray()) {
            array(type, name);
        } else {
            leaf((Type.DocumentedType) type, name);
        }
    }

    private void array(Type type, String name) throws IOException {
        Type element = type.arrayElementType().orElseThrow();
        int count = pick(List.of(0, 1, 1, 1, 2, 3));
        if (isDamaged()) {
            count = pick(List.of(-1, 100, element instanceof Schema ? 300 : 20_000));
        } else if (type.isNullable() && random.nextInt(6) == 0) {
            count = -1;
        }
        int said = isDamaged() ? pick(List.of(-2, count + 1, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE)) : count;
        length(said, type.getClass().getSimpleName().startsWith("Compact"), false);
        for (int i = 0; i < count && bytes.size() < bytesMax; i++) {
            write(element, name);
        }
    }

    private void tags(Map<Integer, Field> known) throws IOException {
        TreeMap<Integer, Type> present = new TreeMap<>();
        known.forEach((tag, field) -> {
            if (random.nextInt(3) == 0) {
                present.put(tag, field.type);
            }
        });
        if (isDamaged()) {
            for (int i = random.nextInt(20); i >= 0; i--) {
                present.put(random.nextInt(10_000), Type.BYTES);
            }
        }
        varint(isDamaged() ? random.nextInt() : present.size());
        for (Map.Entry<Integer, Type> field : present.entrySet()) {
            int begin = bytes.size();
            write(field.getValue(), known.containsKey(field.getKey()) ? known.get(field.getKey()).name : "");
            byte[] all = bytes.toByteArray();
            bytes.reset();
            out.write(all, 0, begin);
            varint(isDamaged() ? random.nextInt(50) : field.getKey());
            varint(isDamaged() ? random.nextInt() : all.length - begin);
            out.write(all, begin, all.length - begin);
        }
    }

    private void leaf(Type.DocumentedType type, String name) throws IOException {
        String kind = type.typeName();
        boolean compact = kind.startsWith("COMPACT");
        switch (kind.replace("COMPACT_", "").replace("NULLABLE_", "")) {
            case "BOOLEAN" -> out.writeByte(isDamaged() ? random.nextInt() : random.nextInt(2));
            case "INT8" -> out.writeByte(isDamaged() ? random.nextInt() : pick(List.of(0, 0, 1, 2, 4, 16, 32)));
            case "INT16" -> out.writeShort(isDamaged() ? random.nextInt() : pick(List.of(-1, 0, 1, 1, 5)));
            case "UINT16" -> out.writeShort(random.nextInt());
            case "INT32" -> out.writeInt(int32(name));
            case "INT64" -> out.writeLong(isDamaged() ? int64() : pick(List.of(-1L, -2L, 0L, 1L, 30L)));
            case "FLOAT64" -> out.writeDouble(pick(List.of(1e9, 1e300, -1.0, Double.NaN, Double.NEGATIVE_INFINITY)));
            case "UUID" -> {
                Uuid id = pick(List.of(topicId, topicId, Uuid.ZERO_UUID, new Uuid(7, random.nextInt(9))));
                out.writeLong(id.getMostSignificantBits());
                out.writeLong(id.getLeastSignificantBits());
            }
            case "STRING" -> string(name, compact, type.isNullable());
            case "RECORDS" -> bytes(new HostileBatches(random.nextLong()).records(), compact, type.isNullable());
            default -> bytes(anything(), compact, type.isNullable());
        }
    }

    /** What takes long by right is left out: a request with a long timeout is answered late by Apache Kafka, too. */
    private int int32(String name) {
        if (name.contains("_ms")) {
            return isDamaged() ? pick(List.of(-1, Integer.MIN_VALUE)) : pick(List.of(0, 1, 5));
        }
        if (name.equals("broker_id")) {
            return pick(List.of(-1, 0, 2, 77));
        }
        if (name.equals("num_partitions") || name.equals("count")) {
            return pick(List.of(-1, 0, 1, 2, 3, 10_001, Integer.MAX_VALUE, Integer.MIN_VALUE));
        }
        if (isDamaged()) {
            return pick(List.of(random.nextInt(), Integer.MAX_VALUE, Integer.MIN_VALUE, -2, 1 << 20));
        }
        return name.contains("bytes") ? pick(List.of(0, 1, 100_000)) : pick(List.of(-1, 0, 0, 0, 1, 1, 2, 5));
    }

    private long int64() {
        return pick(List.of(random.nextLong(), Long.MAX_VALUE, Long.MIN_VALUE, 1L << 40, 1_795_000_000_000L));
    }

    private byte[] anything() {
        byte[] some = new byte[isDamaged() ? random.nextInt(40_000) : random.nextInt(20)];
        random.nextBytes(some);
        if (some.length > 10 && random.nextBoolean()) {
            // As a consumer's subscription or assignment begins: a version, and how many topics.
            ByteBuffer.wrap(some).putShort((short) random.nextInt(4)).putInt(pick(List.of(0, 1, Integer.MAX_VALUE)));
        }
        return some;
    }

    private void bytes(byte[] some, boolean compact, boolean nullable) throws IOException {
        boolean isNull = nullable && random.nextInt(8) == 0;
        length(isDamaged() ? wrongLength(some.length) : isNull ? -1 : some.length, compact, false);
        if (!isNull) {
            out.write(some);
        }
    }

    private void string(String name, boolean compact, boolean nullable) throws IOException {
        boolean isNull = nullable && random.nextInt(3) == 0 || isDamaged();
        byte[] text =
                isNull ? new byte[0] : isDamaged() ? badText() : text(name).getBytes(StandardCharsets.UTF_8);
        length(isDamaged() ? wrongLength(text.length) : isNull ? -1 : text.length, compact, true);
        out.write(text);
    }

    private int wrongLength(int length) {
        return pick(List.of(length + 1, length - 1, -1, -2, 32_767, Integer.MAX_VALUE, Integer.MIN_VALUE));
    }

    /** As long as a string may be, not UTF-8, characters that grow when they are written again, or controls. */
    private byte[] badText() {
        byte[] text = new byte[pick(List.of(1, 1, 10, 10, 249, 250, 250, 3_000, bytesMax > 3_000 ? 32_767 : 9))];
        switch (random.nextInt(4)) {
            case 0 -> random.nextBytes(text);
            case 1 -> Arrays.fill(text, (byte) (0x80 + random.nextInt(128)));
            case 2 -> Arrays.fill(text, (byte) random.nextInt(32));
            default -> {
                Arrays.fill(text, (byte) ('a' + random.nextInt(26)));
                byte[] mark = own.getBytes(StandardCharsets.UTF_8);
                System.arraycopy(mark, 0, text, 0, Math.min(mark.length, text.length));
            }
        }
        return text;
    }

    /** A group is joined by nobody else, who would have to be waited for. */
    private String text(String name) {
        if (name.contains("topic") || name.equals("name") && key != ApiKeys.INCREMENTAL_ALTER_CONFIGS) {
            return key == ApiKeys.ALTER_CONFIGS ? pick(CONFIGS) : topic();
        }
        if (name.contains("instance") || name.contains("member")) {
            return pick(List.of("", "nobody", "member-" + own));
        }
        if (name.contains("transactional")) {
            return pick(List.of("", "transactional-" + random.nextInt(20)));
        }
        if (name.contains("group") || name.contains("key") || name.contains("coordinator")) {
            return pick(List.of("", "group-" + own, "group-" + own));
        }
        if (name.contains("regex") || name.contains("pattern")) {
            return pick(List.of("", "fuzz.*", "(a+)+b", "(".repeat(2_000), "[[:alpha:]]{1000}", "a".repeat(10_000)));
        }
        if (name.contains("resource_name")) {
            return pick(List.of("", "1", "77", topic(), "group-" + own));
        }
        return pick(List.of(pick(CONFIGS), pick(VALUES), "range", "consumer", "uniform", "client-id", "user", "", own));
    }

    private String topic() {
        return pick(List.of(FuzzTest.TOPIC, FuzzTest.TOPIC, "t" + random.nextInt(20), "bad name!", "", ".", "no-such"));
    }

    private void length(int length, boolean compact, boolean isString) throws IOException {
        if (compact) {
            varint(length + 1);
        } else if (isString) {
            out.writeShort(length);
        } else {
            out.writeInt(length);
        }
    }

    private void varint(int value) throws IOException {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            out.writeByte(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
        if (isDamaged() && damage > 100) {
            out.writeByte(0x80);
        }
    }
}
