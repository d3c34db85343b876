package io.gregor.cli.produce;

import io.gregor.cli.text.Bytes;
import io.gregor.wire.record.Record;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
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
            return parseJson(ByteBuffer.wrap(line, 0, length));
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
        return unlessMarked(ByteBuffer.wrap(copy));
    }

    private @Nullable ByteBuffer unlessMarked(@Nullable ByteBuffer bytes) {
        boolean marked = nullMarker != null && bytes != null && nullMarker.equals(Bytes.strictText(bytes));
        return marked ? null : bytes;
    }

    private static @Nullable ByteBuffer field(@Nullable String text) {
        return text == null ? null : Bytes.of(text);
    }

    private Outgoing parseJson(ByteBuffer line) {
        String text = Bytes.strictText(line);
        if (text == null) {
            throw new IllegalArgumentException("no JSON, it is not UTF-8");
        }
        JsonRecord record = JsonRecord.parse(text);
        List<Record.Header> all = new ArrayList<>(headers);
        record.headers().forEach(header -> all.add(new Record.Header(header.name(), unlessMarked(header.value()))));
        return new Outgoing(
                record.key() == null ? field(key) : unlessMarked(record.key()),
                unlessMarked(record.value()),
                all,
                partition >= 0 ? partition : record.partition(),
                record.timestampMs());
    }
}
