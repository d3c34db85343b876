package io.gregor.cli.consume;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.cli.client.TopicPartition;
import io.gregor.cli.text.Bytes;
import io.gregor.wire.message.FetchResponse.AbortedTransaction;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.EndMarker;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ConsumeTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 1);

    private static String print(RecordFormat format, Record record) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8);
        format.print(PARTITION, record, out);
        out.flush();
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    @Test
    void aFormatHasAllPartsOfARecord() {
        List<Record.Header> headers = List.of(new Record.Header("a", Bytes.of("1")), new Record.Header("b", null));
        Record record = new Record(7, 1_769_860_800_000L, Bytes.of("k"), null, headers);
        assertThat(print(RecordFormat.of("%t-%p:%o %T %D\\t%k=%v [%h] 100%%\\n"), record))
                .isEqualTo("t-1:7 1769860800000 2026-01-31T12:00:00Z\tk=null [a=1,b=null] 100%\n\n");
    }

    @Test
    void bytesThatAreNoTextArePrintedAsTheyAre() {
        Record record = new Record(7, 5, null, ByteBuffer.wrap(new byte[] {'a', -1}), List.of());
        assertThat(print(RecordFormat.of("%v"), record)).isEqualTo("a\u00ff\n");
        assertThat(print(RecordFormat.json(), record))
                .isEqualTo("{\"topic\":\"t\",\"partition\":1,\"offset\":7,\"timestamp\":5,\"key\":null,"
                        + "\"valueBase64\":\"Yf8=\",\"headers\":[]}\n");
    }

    private static RecordBatch batch(long offset, long producer, boolean transactional) {
        BatchBuilder builder = new BatchBuilder(Compression.NONE)
                .baseOffset(offset)
                .producer(producer, (short) 0, 0)
                .add(Record.of(1, null, Bytes.of("v")));
        if (transactional) {
            builder.transactional();
        }
        return new RecordBatch(builder.build(), 0);
    }

    private static RecordBatch marker(long offset, long producer, boolean commit) {
        RecordBatch marker = new EndMarker(commit, 1).toBatch(producer, (short) 0, 1);
        marker.assign(offset, 0);
        return marker;
    }

    @Test
    void transactionsThatWereAbortedAreLeftOut() {
        AbortedProducers aborted = new AbortedProducers(List.of(
                new AbortedTransaction().producerId(2).firstOffset(5),
                new AbortedTransaction().producerId(1).firstOffset(1)));
        assertThat(aborted.covers(batch(0, 1, false))).isFalse();
        assertThat(aborted.covers(batch(1, 1, true))).isTrue();
        assertThat(aborted.covers(batch(2, 2, true))).isFalse();
        assertThat(aborted.covers(batch(3, 1, false))).isFalse();
        assertThat(aborted.covers(marker(4, 2, true))).isFalse();
        assertThat(aborted.covers(batch(5, 2, true))).isTrue();
        assertThat(aborted.covers(marker(6, 1, false))).isFalse();
        assertThat(aborted.covers(batch(7, 1, true))).isFalse();
        assertThat(aborted.covers(batch(8, 2, true))).isTrue();
    }

    @Test
    void aRangeIsAsEvenAsPossible() {
        Map<String, List<TopicPartition>> assigned = new TreeMap<>();
        RangeAssignment.range("t", 5, List.of("a", "b", "c"), assigned);
        RangeAssignment.range("u", 1, List.of("b"), assigned);
        assertThat(assigned)
                .containsEntry("a", List.of(new TopicPartition("t", 0), new TopicPartition("t", 1)))
                .containsEntry(
                        "b",
                        List.of(new TopicPartition("t", 2), new TopicPartition("t", 3), new TopicPartition("u", 0)))
                .containsEntry("c", List.of(new TopicPartition("t", 4)));
    }
}
