package io.gregor.log;

import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ProducerSnapshot;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The idempotent producers of one partition, with Kafka's {@code .snapshot} files. Confined to the partition's lane. A
 * snapshot named after an offset holds the state of all that lies before it: version 2 bytes, CRC-32C of the rest 4
 * bytes, then the entries as the schema says.
 */
final class ProducerStates {
    private static final short SNAPSHOT_VERSION = 1;
    private static final int CRC_AT = 2;
    private static final int ENTRIES_AT = 6;

    /** What the partition's memory says of a batch. */
    sealed interface Verdict {
        record Append() implements Verdict {}

        record Duplicate(long baseOffset, long timestampMs) implements Verdict {}

        record Refuse(ErrorCode error) implements Verdict {}
    }

    private static final Verdict APPEND = new Verdict.Append();

    private final Disk disk;
    private final Path folder;
    private final Map<Long, ProducerState> producers = new HashMap<>();
    private long snapshotOffset = -1;

    ProducerStates(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    Verdict check(RecordBatch batch) {
        ProducerState state = batch.hasProducerId() ? producers.get(batch.producerId()) : null;
        if (state == null) {
            return APPEND;
        }
        ProducerState.Batch duplicate = state.duplicateOf(batch);
        if (duplicate != null) {
            return new Verdict.Duplicate(duplicate.firstOffset(), duplicate.timestampMs());
        }
        ErrorCode error = state.check(batch);
        return error == ErrorCode.NONE ? APPEND : new Verdict.Refuse(error);
    }

    void appended(RecordBatch batch) {
        if (batch.hasProducerId() && !batch.isControl()) {
            producers
                    .computeIfAbsent(batch.producerId(), id -> new ProducerState(id, batch.producerEpoch()))
                    .appended(batch);
        }
    }

    /** Forgets producers that have not written since that time. */
    void expire(long beforeMs) {
        producers.values().removeIf(state -> state.lastTimestampMs() < beforeMs);
    }

    /** Writes the state as it is before {@code endOffset}, if there is any and that is not on disk yet. */
    void writeSnapshot(long endOffset) throws IOException {
        if (endOffset <= snapshotOffset || endOffset == 0) {
            return;
        }
        ProducerSnapshot snapshot = new ProducerSnapshot()
                .producerEntries(producers.values().stream()
                        .map(ProducerState::toSnapshot)
                        .toList());
        LogFiles.replaceLazily(disk, LogFiles.path(folder, endOffset, LogFiles.SNAPSHOT), encode(snapshot));
        snapshotOffset = endOffset;
    }

    private static ByteBuffer encode(ProducerSnapshot snapshot) {
        MessageSink sink = new MessageSink(64);
        sink.int16(SNAPSHOT_VERSION);
        snapshot.write(sink, SNAPSHOT_VERSION);
        ByteBuffer bytes = sink.toBuffer();
        return bytes.putInt(CRC_AT, crc(bytes));
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(ENTRIES_AT, bytes.limit() - ENTRIES_AT));
        return (int) crc.getValue();
    }

    /**
     * Loads the newest snapshot that is whole and not beyond the log's end; damaged ones and those beyond the end are
     * deleted.
     *
     * @return the offset from which the log must be replayed
     */
    long load(long startOffset, long endOffset) throws IOException {
        List<Long> offsets = new ArrayList<>();
        for (Path file : disk.list(folder)) {
            long offset = LogFiles.offsetIn(file, LogFiles.SNAPSHOT);
            if (offset > endOffset) {
                disk.delete(file);
            } else if (offset >= 0) {
                offsets.add(offset);
            }
        }
        offsets.sort((a, b) -> Long.compare(b, a));
        for (long offset : offsets) {
            ProducerSnapshot snapshot = read(offset);
            if (snapshot != null) {
                snapshot.producerEntries().forEach(entry -> producers.put(entry.producerId(), ProducerState.of(entry)));
                snapshotOffset = offset;
                return Math.max(startOffset, offset);
            }
            disk.delete(LogFiles.path(folder, offset, LogFiles.SNAPSHOT));
        }
        return startOffset;
    }

    private @Nullable ProducerSnapshot read(long offset) throws IOException {
        ByteBuffer bytes = LogFiles.readAll(disk, LogFiles.path(folder, offset, LogFiles.SNAPSHOT));
        boolean whole = bytes != null
                && bytes.limit() >= ENTRIES_AT
                && bytes.getShort(0) == SNAPSHOT_VERSION
                && bytes.getInt(CRC_AT) == crc(bytes);
        if (bytes == null || !whole) {
            return null;
        }
        try {
            return ByteReader.readAll(new ProducerSnapshot(), bytes.position(CRC_AT), SNAPSHOT_VERSION);
        } catch (MalformedMessageException e) {
            return null;
        }
    }
}
