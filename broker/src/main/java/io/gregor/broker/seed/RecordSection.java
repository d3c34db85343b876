package io.gregor.broker.seed;

import io.gregor.broker.seed.Seed.Message;
import io.gregor.wire.record.Record;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a seed. Confined to one thread. Keys, values and headers of a file have at most
 * {@value #BYTES_MAX} bytes together, since they are in memory until they are in the log.
 */
final class RecordSection {
    private static final int BYTES_MAX = 16 * 1024 * 1024;
    private static final List<String> KINDS = List.of("text", "json", "base64", "file");
    private static final long NOW = -1;

    /** Whether a topic has that partition, as far as it is known; throws if not. */
    interface PartitionCheck {
        void check(YamlNode at, String topic, int partition);
    }

    private final PartitionCheck check;
    private long bytes;

    RecordSection(PartitionCheck check) {
        this.check = check;
    }

    List<Message> read(List<YamlNode> nodes) {
        List<Message> records = new ArrayList<>();
        for (YamlNode node : nodes) {
            Map<String, YamlNode> values =
                    node.map(List.of("topic", "partition", "key", "value", "lines", "headers", "timestamp"));
            YamlNode topic = node.required(values, "topic");
            SeedFile.checkName(topic);
            YamlNode where = YamlNode.optional(values, "partition");
            int partition = where == null ? Seed.ANY : (int) where.number(0, Integer.MAX_VALUE);
            if (where != null) {
                check.check(where, topic.text(), partition);
            }
            YamlNode lines = YamlNode.optional(values, "lines");
            if (lines == null && !values.containsKey("value")) {
                throw node.refused("value is missing; null is a tombstone");
            }
            if (lines != null && values.containsKey("value")) {
                throw lines.refused("allowed is value or lines, not both");
            }
            long time = timestamp(YamlNode.optional(values, "timestamp"));
            ByteBuffer key = payload(values.get("key"));
            List<Record.Header> headers = headers(YamlNode.optional(values, "headers"));
            if (lines == null) {
                Record record = new Record(-1, time, key, payload(values.get("value")), headers);
                records.add(new Message(node, topic.text(), partition, record));
                continue;
            }
            for (ByteBuffer line : lines(lines)) {
                records.add(new Message(node, topic.text(), partition, new Record(-1, time, key, line, headers)));
            }
        }
        return records;
    }

    private List<ByteBuffer> lines(YamlNode node) {
        List<ByteBuffer> lines = new ArrayList<>();
        for (String line : new String(file(node), StandardCharsets.UTF_8).split("\r?\n", -1)) {
            lines.add(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
        }
        if (lines.get(lines.size() - 1).remaining() == 0) {
            lines.remove(lines.size() - 1);
        }
        return lines;
    }

    private List<Record.Header> headers(@Nullable YamlNode node) {
        List<Record.Header> headers = new ArrayList<>();
        if (node != null) {
            node.map().forEach((name, value) -> headers.add(new Record.Header(name, payload(value))));
        }
        return headers;
    }

    private @Nullable ByteBuffer payload(@Nullable YamlNode node) {
        if (node == null || node.isNull()) {
            return null;
        }
        byte[] content =
                node.isMap() ? content(node) : counted(node, node.anyText().getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(content);
    }

    private byte[] content(YamlNode node) {
        Map<String, YamlNode> values = node.map(KINDS);
        if (values.size() != 1) {
            throw node.refused("allowed is one of " + String.join(", ", KINDS));
        }
        Map.Entry<String, YamlNode> only = values.entrySet().iterator().next();
        YamlNode value = only.getValue();
        return switch (only.getKey()) {
            case "json" -> counted(value, value.json().getBytes(StandardCharsets.UTF_8));
            case "base64" -> counted(value, decoded(value));
            case "file" -> file(value);
            default -> counted(value, value.anyText().getBytes(StandardCharsets.UTF_8));
        };
    }

    private static byte[] decoded(YamlNode value) {
        try {
            return Base64.getMimeDecoder().decode(strict(value));
        } catch (IllegalArgumentException e) {
            throw value.refused("is no Base64: " + e.getMessage());
        }
    }

    /** Whatever is neither Base64 nor a space would be passed over. */
    private static String strict(YamlNode value) {
        String text = value.anyText().replaceAll("\\s", "");
        if (!text.matches("[A-Za-z0-9+/]*={0,2}")) {
            throw value.refused("is no Base64: allowed are letters, digits, + and /, and = at the end");
        }
        return text;
    }

    /** Of a file that is named from where the seed lies. */
    private byte[] file(YamlNode node) {
        Path parent = node.file().toAbsolutePath().getParent();
        Path path = parent == null ? Path.of(node.text()) : parent.resolve(node.text());
        try {
            if (Files.isRegularFile(path) && Files.size(path) > BYTES_MAX) {
                throw tooMuch(node);
            }
            return counted(node, Files.readAllBytes(path));
        } catch (IOException e) {
            throw node.refused(path + ": there is no such file that can be read");
        }
    }

    private byte[] counted(YamlNode node, byte[] content) {
        bytes += content.length;
        if (bytes > BYTES_MAX) {
            throw tooMuch(node);
        }
        return content;
    }

    private static RuntimeException tooMuch(YamlNode node) {
        return node.refused("the records have more than " + BYTES_MAX + " bytes up to here, which a file may have");
    }

    private static long timestamp(@Nullable YamlNode node) {
        if (node == null) {
            return NOW;
        }
        String text = node.text();
        if (text.matches("\\d{1,18}")) {
            return Long.parseLong(text);
        }
        try {
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException | ArithmeticException e) {
            throw node.refused(text + ": allowed is a time such as 2026-01-31T12:00:00Z, or milliseconds since 1970");
        }
    }
}
