package io.gregor.cli.consume;

import io.gregor.cli.client.TopicPartition;
import io.gregor.cli.command.UsageException;
import io.gregor.cli.text.Bytes;
import io.gregor.cli.text.JsonWriter;
import io.gregor.wire.record.Record;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a record is printed. Immutable. */
abstract class RecordFormat {
    static final String HELP = "%t topic, %p partition, %o offset, %T ms since 1970, %D time, %k key, %v value, "
            + "%h headers, \\n newline, \\t tab";
    private static final String NULL = "null";

    /** Prints it with its line end. */
    abstract void print(TopicPartition partition, Record record, PrintStream out);

    /** One JSON object a line, as {@code produce --json} reads it. */
    static RecordFormat json() {
        return new RecordFormat() {
            @Override
            void print(TopicPartition partition, Record record, PrintStream out) {
                out.append(object(partition, record)).append('\n');
            }
        };
    }

    private static String object(TopicPartition partition, Record record) {
        JsonWriter json = new JsonWriter().begin('{');
        json.name("topic").string(partition.topic());
        json.name("partition").number(partition.partition());
        json.name("offset").number(record.offset());
        json.name("timestamp").number(record.timestampMs());
        field(json, "key", record.key());
        field(json, "value", record.value());
        json.name("headers").begin('[');
        for (Record.Header header : record.headers()) {
            json.begin('{').name("key").string(header.name());
            field(json, "value", header.value());
            json.end('}');
        }
        return json.end(']').end('}').toString();
    }

    /** What is no text gets another name, and base64. */
    private static void field(JsonWriter json, String name, @Nullable ByteBuffer bytes) {
        if (bytes == null) {
            json.name(name).nothing();
            return;
        }
        String text = Bytes.strictText(bytes);
        if (text == null) {
            json.name(name + "Base64").string(Bytes.base64(bytes));
        } else {
            json.name(name).string(text);
        }
    }

    /**
     * A text in which letters behind a percent sign stand for parts of the record.
     *
     * @throws UsageException if a letter stands for nothing
     */
    static RecordFormat of(String pattern) {
        List<Object> parts = new ArrayList<>();
        int at = 0;
        while (at < pattern.length()) {
            char one = pattern.charAt(at++);
            if (one != '%' && one != '\\') {
                parts.add(String.valueOf(one));
                continue;
            }
            char letter = at < pattern.length() ? pattern.charAt(at) : ' ';
            at++;
            parts.add(one == '%' ? letter(letter) : escaped(letter));
        }
        return new Pattern(parts);
    }

    private static Object letter(char letter) {
        if (letter == '%') {
            return "%";
        }
        if ("tpoTDkvh".indexOf(letter) < 0) {
            throw new UsageException("--format: %" + letter + " stands for nothing, allowed is " + HELP);
        }
        return letter;
    }

    private static Object escaped(char letter) {
        return switch (letter) {
            case 'n' -> "\n";
            case 't' -> "\t";
            case '\\' -> "\\";
            default -> throw new UsageException("--format: \\" + letter + " stands for nothing, allowed is " + HELP);
        };
    }

    private static final class Pattern extends RecordFormat {
        private final List<Object> parts;

        Pattern(List<Object> parts) {
            this.parts = parts;
        }

        @Override
        void print(TopicPartition partition, Record record, PrintStream out) {
            for (Object part : parts) {
                if (part instanceof Character letter) {
                    print(letter, partition, record, out);
                } else {
                    out.append(part.toString());
                }
            }
            out.append('\n');
        }

        private static void print(char letter, TopicPartition partition, Record record, PrintStream out) {
            switch (letter) {
                case 't' -> out.append(partition.topic());
                case 'p' -> out.append(Integer.toString(partition.partition()));
                case 'o' -> out.append(Long.toString(record.offset()));
                case 'T' -> out.append(Long.toString(record.timestampMs()));
                case 'D' ->
                    out.append(Instant.ofEpochMilli(record.timestampMs()).toString());
                case 'k' -> raw(record.key(), out);
                case 'v' -> raw(record.value(), out);
                default -> headers(record, out);
            }
        }

        private static void headers(Record record, PrintStream out) {
            String gap = "";
            for (Record.Header header : record.headers()) {
                ByteBuffer value = header.value();
                out.append(gap).append(header.name()).append('=').append(value == null ? NULL : Bytes.text(value));
                gap = ",";
            }
        }

        /** The bytes as they are. */
        private static void raw(@Nullable ByteBuffer bytes, PrintStream out) {
            if (bytes == null) {
                out.append(NULL);
                return;
            }
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            out.write(copy, 0, copy.length);
        }
    }
}
