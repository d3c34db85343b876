package io.gregor.cli.produce;

import io.gregor.cli.text.Bytes;
import io.gregor.cli.text.JsonReader;
import io.gregor.wire.record.Record;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A record as a JSON object says it, such as {@code consume --json} prints. Immutable.
 *
 * @param partition -1 where it has none
 * @param timestampMs -1 where it has none
 */
record JsonRecord(
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value,
        List<Record.Header> headers,
        int partition,
        long timestampMs) {
    private static final String KEY = "key";
    private static final String VALUE = "value";
    private static final String HEADERS = "headers";
    private static final String BASE64 = "Base64";
    private static final String NULL = "null";
    /** Topic and offset say where the record was read, and nothing of where it goes. */
    private static final List<String> FIELDS =
            List.of("topic", "partition", "timestamp", KEY, KEY + BASE64, VALUE, VALUE + BASE64, HEADERS, "offset");

    private static final List<String> HEADER_FIELDS = List.of(KEY, VALUE, VALUE + BASE64);

    /** @throws IllegalArgumentException with what is wrong */
    static JsonRecord parse(String text) {
        Map<String, String> fields = new JsonReader(text).object();
        checkNames("the object", fields.keySet(), FIELDS);
        if (!fields.containsKey(VALUE) && !fields.containsKey(VALUE + BASE64)) {
            throw new IllegalArgumentException("the object has neither value nor valueBase64");
        }
        return new JsonRecord(
                bytes(fields, KEY),
                bytes(fields, VALUE),
                headers(fields.getOrDefault(HEADERS, NULL)),
                (int) number(fields, "partition", Integer.MAX_VALUE),
                number(fields, "timestamp", Long.MAX_VALUE));
    }

    private static void checkNames(String what, Set<String> names, List<String> allowed) {
        for (String name : names) {
            if (!allowed.contains(name)) {
                throw new IllegalArgumentException(
                        what + " has " + name + ": allowed is " + String.join(", ", allowed));
            }
        }
    }

    private static List<Record.Header> headers(String text) {
        List<Record.Header> headers = new ArrayList<>();
        if (text.startsWith("[")) {
            new JsonReader(text).array().forEach(element -> headers.add(header(element)));
        } else if (text.startsWith("{")) {
            new JsonReader(text).object().forEach((name, value) -> headers.add(new Record.Header(name, any(value))));
        } else if (!text.equals(NULL)) {
            throw new IllegalArgumentException("headers is " + text + ": allowed is an array or an object");
        }
        return headers;
    }

    private static Record.Header header(String text) {
        if (!text.startsWith("{")) {
            throw new IllegalArgumentException("a header is " + text + ": allowed is an object with key and value");
        }
        Map<String, String> fields = new JsonReader(text).object();
        checkNames("a header", fields.keySet(), HEADER_FIELDS);
        String name = fields.getOrDefault(KEY, NULL);
        if (!name.startsWith("\"")) {
            throw new IllegalArgumentException("the key of a header is " + name + ": allowed is a string");
        }
        return new Record.Header(new JsonReader(name).string(), bytes(fields, VALUE));
    }

    private static long number(Map<String, String> fields, String name, long most) {
        String text = fields.getOrDefault(name, NULL);
        if (text.equals(NULL)) {
            return -1;
        }
        if (!text.matches("\\d{1,18}") || Long.parseLong(text) > most) {
            throw new IllegalArgumentException(name + " is " + text + ": allowed is a number from 0 on");
        }
        return Long.parseLong(text);
    }

    private static @Nullable ByteBuffer bytes(Map<String, String> fields, String name) {
        String encoded = fields.get(name + BASE64);
        if (encoded == null) {
            return any(fields.getOrDefault(name, NULL));
        }
        if (fields.containsKey(name)) {
            throw new IllegalArgumentException(name + " and " + name + BASE64 + ": allowed is one of the two");
        }
        if (encoded.startsWith("\"")) {
            try {
                return ByteBuffer.wrap(Base64.getDecoder().decode(new JsonReader(encoded).string()));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(notBase64(name, encoded), e);
            }
        }
        throw new IllegalArgumentException(notBase64(name, encoded));
    }

    private static String notBase64(String name, String text) {
        return name + BASE64 + " is " + text + ": allowed is a string in base64";
    }

    /** The text of a string, nothing for null, and any other value as it is written. */
    private static @Nullable ByteBuffer any(String value) {
        if (value.equals(NULL)) {
            return null;
        }
        return Bytes.of(value.startsWith("\"") ? new JsonReader(value).string() : value);
    }
}
