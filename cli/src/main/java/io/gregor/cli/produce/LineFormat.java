package io.gregor.cli.produce;

import io.gregor.cli.text.Bytes;
import io.gregor.cli.text.JsonReader;
import io.gregor.wire.record.Record;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a line becomes a record. Immutable.
 *
 * @param separator between key and value; null if lines are values
 * @param json whether each line is a JSON object, such as {@code consume --json} prints
 * @param key of each record that brings none
 * @param nullMarker what stands for null in place of a key or value
 */
record LineFormat(
        @Nullable String separator,
        boolean json,
        @Nullable String key,
        @Nullable String nullMarker,
        List<Record.Header> headers,
        int partition) {
    /** @throws IllegalArgumentException if the line is not as it should be */
    Outgoing parse(byte[] line, int length) {
        if (json) {
            return parseJson(Bytes.text(ByteBuffer.wrap(line, 0, length)));
        }
        if (separator == null) {
            return new Outgoing(field(key), field(line, 0, length), headers, partition, -1);
        }
        byte[] mark = Bytes.of(separator).array();
        int at = indexOf(line, length, mark);
        if (at < 0) {
            throw new IllegalArgumentException("there is no '" + separator + "' between key and value");
        }
        ByteBuffer value = field(line, at + mark.length, length - at - mark.length);
        return new Outgoing(field(line, 0, at), value, headers, partition, -1);
    }

    private static int indexOf(byte[] line, int length, byte[] mark) {
        for (int i = 0; i + mark.length <= length; i++) {
            int same = 0;
            while (same < mark.length && line[i + same] == mark[same]) {
                same++;
            }
            if (same == mark.length) {
                return i;
            }
        }
        return -1;
    }

    private @Nullable ByteBuffer field(byte[] line, int from, int length) {
        byte[] copy = new byte[length];
        System.arraycopy(line, from, copy, 0, length);
        ByteBuffer bytes = ByteBuffer.wrap(copy);
        return nullMarker != null && nullMarker.equals(Bytes.strictText(bytes)) ? null : bytes;
    }

    private static @Nullable ByteBuffer field(@Nullable String text) {
        return text == null ? null : Bytes.of(text);
    }

    private Outgoing parseJson(String text) {
        Map<String, String> fields = new JsonReader(text).object();
        if (!fields.containsKey("value") && !fields.containsKey("valueBase64")) {
            throw new IllegalArgumentException("the object has neither value nor valueBase64");
        }
        ByteBuffer own = json(fields, "key");
        List<Record.Header> all = new ArrayList<>(headers);
        addHeaders(fields.getOrDefault("headers", "[]"), all);
        int chosen = partition >= 0 ? partition : (int) number(fields, "partition", Integer.MAX_VALUE);
        return new Outgoing(
                own == null ? field(key) : own,
                json(fields, "value"),
                all,
                chosen,
                number(fields, "timestamp", Long.MAX_VALUE));
    }

    private static void addHeaders(String text, List<Record.Header> into) {
        if (text.startsWith("[")) {
            for (String element : new JsonReader(text).array()) {
                Map<String, String> header = new JsonReader(element).object();
                String name = header.getOrDefault("key", "\"\"");
                into.add(new Record.Header(new JsonReader(name).string(), json(header, "value")));
            }
        } else if (!text.equals("null")) {
            new JsonReader(text).object().forEach((name, value) -> into.add(new Record.Header(name, json(value))));
        }
    }

    private static long number(Map<String, String> fields, String name, long most) {
        String text = fields.get(name);
        if (text == null || text.equals("null")) {
            return -1;
        }
        if (!text.matches("\\d{1,18}") || Long.parseLong(text) > most) {
            throw new IllegalArgumentException(name + " is " + text + ": allowed is a number from 0 on");
        }
        return Long.parseLong(text);
    }

    private static @Nullable ByteBuffer json(Map<String, String> fields, String name) {
        String encoded = fields.get(name + "Base64");
        if (encoded != null) {
            return ByteBuffer.wrap(Base64.getDecoder().decode(new JsonReader(encoded).string()));
        }
        return json(fields.getOrDefault(name, "null"));
    }

    /** The text of a string, nothing for null, and any other value as it is written. */
    private static @Nullable ByteBuffer json(String value) {
        if (value.equals("null")) {
            return null;
        }
        return Bytes.of(value.startsWith("\"") ? new JsonReader(value).string() : value);
    }
}
