package io.gregor.cli.produce;

import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Records for one partition that are written together. Immutable.
 *
 * @param firstSequence of the first record, where the producer is idempotent
 */
record Batch(List<Line> lines, int firstSequence) {
    /** A record and the number of the line that it was. Immutable. */
    record Line(long number, Record record) {}

    /** As it goes to the broker. */
    ByteBuffer build(Compression compression, long producerId, short producerEpoch) {
        BatchBuilder builder = new BatchBuilder(compression);
        if (producerId >= 0) {
            builder.producer(producerId, producerEpoch, firstSequence);
        }
        lines.forEach(line -> builder.add(line.record()));
        return builder.build();
    }

    /** Two of which each has half of the lines. */
    List<Batch> halves() {
        int half = lines.size() / 2;
        return List.of(
                new Batch(lines.subList(0, half), firstSequence),
                new Batch(lines.subList(half, lines.size()), RecordBatch.addToSequence(firstSequence, half)));
    }
}
