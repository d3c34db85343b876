package io.gregor.log.producer;

import io.gregor.log.disk.Disk;
import io.gregor.log.disk.DiskFile;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.disk.SmallFile;
import io.gregor.log.disk.SyncRule;
import io.gregor.log.segment.AbortedTransaction;
import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ProducerSnapshot;
import io.gregor.wire.record.EndMarker;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The idempotent producers of one partition, with Kafka's {@code .snapshot} files. Confined to the partition's lane.
 * When there is no more room for another one, those that have not written for the longest time are forgotten before
 * they expire, as if they had: not those with an open transaction, and not the last few. A snapshot named after an
 * offset holds the state of all that lies before it: version 2 bytes, CRC-32C of the rest 4 bytes, then the entries as
 * the schema says.
 */
public final class ProducerStates {
    private static final short SNAPSHOT_VERSION = 1;
    private static final int CRC_AT = 2;
    private static final int ENTRIES_AT = 6;
    /** Of each partition's producers, though others' have taken all the room. */
    private static final int KEPT_AT_LEAST = 4;

    /** What the partition's memory says of a batch. */
    public sealed interface Verdict {
        record Append() implements Verdict {}

        record Duplicate(long baseOffset, long endOffset, long timestampMs) implements Verdict {}

        record Refuse(ErrorCode error) implements Verdict {}
    }

    private static final Verdict APPEND = new Verdict.Append();

    private final Disk disk;
    private final InstantSource clock;
    private final Path folder;
    private final Map<Long, ProducerState> producers = new HashMap<>();
    /** The producers that have a transaction open, by its first offset. */
    private final TreeMap<Long, Long> open = new TreeMap<>();

    /** In the order in which they began. */
    private final Map<Long, TransactionVerification> verifications = new LinkedHashMap<>();

    private final ProducerMemory memory;
    private long snapshotOffset = -1;

    public ProducerStates(LogEnvironment environment, Path folder) {
        disk = environment.disk();
        clock = environment.clock();
        memory = new ProducerMemory(environment.producers());
        this.folder = folder;
    }

    /** The log is used no more. May be called anywhere. */
    public void end() {
        memory.end();
    }

    public Verdict check(RecordBatch batch) {
        if (!batch.hasProducerId()) {
            return APPEND;
        }
        ProducerState state = producers.get(batch.producerId());
        if (state == null) {
            return batch.baseSequence() >= 0 && isOvertaken(batch, false)
                    ? new Verdict.Refuse(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
                    : APPEND;
        }
        if (batch.baseSequence() == RecordBatch.NO_SEQUENCE) {
            // A coordinator writes it, for a producer whose sequence it does not know.
            boolean fenced = isFenced(batch.producerId(), batch.producerEpoch());
            return fenced ? new Verdict.Refuse(ErrorCode.INVALID_PRODUCER_EPOCH) : APPEND;
        }
        ProducerState.Batch duplicate = state.duplicateOf(batch);
        if (duplicate != null) {
            return new Verdict.Duplicate(duplicate.firstOffset(), duplicate.lastOffset() + 1, duplicate.timestampMs());
        }
        ErrorCode error = state.check(batch);
        if (error == ErrorCode.NONE && isOvertaken(batch, state.hasBatches())) {
            error = ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
        }
        return error == ErrorCode.NONE ? APPEND : new Verdict.Refuse(error);
    }

    private boolean isOvertaken(RecordBatch batch, boolean producerIsKnown) {
        TransactionVerification verification = verifications.get(batch.producerId());
        return verification != null && verification.isOvertaken(batch.baseSequence(), producerIsKnown);
    }

    /** Whether a marker may be appended for that producer; NONE if so. */
    public ErrorCode checkMarker(long producerId, short producerEpoch, EndMarker marker, boolean raisesEpoch) {
        ProducerState state = producers.get(producerId);
        return state == null ? ErrorCode.NONE : state.checkMarker(producerEpoch, marker, raisesEpoch);
    }

    /** Takes a batch in that was appended; what it aborted, if it is a marker that did. */
    @Nullable
    public AbortedTransaction appended(RecordBatch batch) {
        // A control batch that compaction has emptied says nothing any more.
        if (!batch.hasProducerId() || batch.isControl() && batch.isEmpty()) {
            return null;
        }
        ProducerState state = producers.get(batch.producerId());
        if (state == null) {
            makeRoom();
            state = new ProducerState(batch.producerId(), batch.producerEpoch());
            producers.put(batch.producerId(), state);
        }
        long openBefore = state.transactionFirstOffset();
        if (batch.isControl()) {
            return ended(state, batch, openBefore);
        }
        state.appended(batch);
        if (openBefore < 0 && state.isInTransaction()) {
            open.put(state.transactionFirstOffset(), batch.producerId());
            endVerification(batch.producerId());
        }
        return null;
    }

    /** For one producer more. */
    private void makeRoom() {
        if (memory.tryTake(ProducerState.BYTES)) {
            return;
        }
        forgetLongestIdle();
        memory.take(ProducerState.BYTES);
    }

    /** An eighth of them at once, since they have to be looked for. */
    private void forgetLongestIdle() {
        int spare = producers.size() - open.size() - KEPT_AT_LEAST;
        if (spare <= 0) {
            return;
        }
        producers.values().stream()
                .filter(state -> !state.isInTransaction())
                .sorted(Comparator.comparingLong(ProducerState::lastOffset))
                .limit(Math.min(spare, 1 + producers.size() / 8))
                .toList()
                .forEach(state -> {
                    producers.remove(state.producerId());
                    memory.giveBack(ProducerState.BYTES);
                });
    }

    private @Nullable AbortedTransaction ended(ProducerState state, RecordBatch control, long firstOffset) {
        EndMarker marker = EndMarker.of(control);
        state.ended(control.producerEpoch(), marker, control.maxTimestamp());
        endVerification(control.producerId());
        if (firstOffset < 0) {
            return null;
        }
        open.remove(firstOffset);
        if (marker.commit()) {
            return null;
        }
        long undecided = open.isEmpty() ? control.nextOffset() : open.firstKey();
        return new AbortedTransaction(control.producerId(), firstOffset, control.lastOffset(), undecided);
    }

    /** The first offset of the oldest transaction that is open, or {@link Long#MAX_VALUE}. */
    public long firstUnstableOffset() {
        return open.isEmpty() ? Long.MAX_VALUE : open.firstKey();
    }

    /** Whether the producer has a transaction of that epoch open here. */
    public boolean isInTransaction(long producerId, short producerEpoch) {
        ProducerState state = producers.get(producerId);
        return state != null && state.isInTransaction() && state.epoch() == producerEpoch;
    }

    /** Whether a later epoch of the producer has been seen here. */
    public boolean isFenced(long producerId, short producerEpoch) {
        ProducerState state = producers.get(producerId);
        return state != null && producerEpoch < state.epoch();
    }

    /**
     * Begins to ask whether a producer may begin a transaction, or joins in if that is asked already.
     *
     * @param implicit whether writing adds the partition to the transaction
     */
    public TransactionVerification verification(long producerId, short epoch, int firstSequence, boolean implicit) {
        TransactionVerification verification = verifications.get(producerId);
        if (verification == null) {
            makeRoomForVerification();
            verification = new TransactionVerification(implicit, epoch, firstSequence, clock.millis());
            verifications.put(producerId, verification);
        }
        verification.alsoFor(epoch, firstSequence);
        return verification;
    }

    /** Whoever still waits for one that is forgotten may not write, and asks again. */
    private void makeRoomForVerification() {
        if (memory.tryTake(TransactionVerification.BYTES)) {
            return;
        }
        if (verifications.size() >= KEPT_AT_LEAST) {
            endVerification(verifications.keySet().iterator().next());
        }
        memory.take(TransactionVerification.BYTES);
    }

    private void endVerification(long producerId) {
        if (verifications.remove(producerId) != null) {
            memory.giveBack(TransactionVerification.BYTES);
        }
    }

    /** Whether nothing has ended that verification since it began. */
    public boolean isValid(TransactionVerification verification, long producerId) {
        return verifications.get(producerId) == verification;
    }

    /** Keeps asking what was asked of another copy of this log. */
    public void adoptFrom(ProducerStates original) {
        original.verifications.forEach((producerId, verification) -> {
            memory.take(TransactionVerification.BYTES);
            if (verifications.put(producerId, verification) != null) {
                memory.giveBack(TransactionVerification.BYTES);
            }
        });
    }

    /** What is known of every producer, in no order. */
    public List<ProducerSummary> summaries() {
        return producers.values().stream().map(ProducerState::summary).toList();
    }

    /**
     * Forgets producers that have not written since that time and have no transaction open, and who has asked before it
     * whether to begin one.
     */
    public void expire(long beforeMs) {
        verifications.entrySet().stream()
                .filter(one -> one.getValue().begunMs() < beforeMs)
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::endVerification);
        int before = producers.size();
        producers.values().removeIf(state -> state.lastTimestampMs() < beforeMs && !state.isInTransaction());
        memory.giveBack((long) (before - producers.size()) * ProducerState.BYTES);
    }

    /** Writes the state as it is before {@code endOffset}, if there is any and that is not on disk yet. */
    public void writeSnapshot(long endOffset) throws IOException {
        if (endOffset <= snapshotOffset || endOffset == 0) {
            return;
        }
        ProducerSnapshot snapshot = new ProducerSnapshot()
                .producerEntries(producers.values().stream()
                        .map(ProducerState::toSnapshot)
                        .toList());
        snapshotFile(endOffset).replaceLazily(encode(snapshot));
        snapshotOffset = endOffset;
    }

    private SmallFile snapshotFile(long offset) {
        return new SmallFile(disk, LogFiles.path(folder, offset, LogFiles.SNAPSHOT));
    }

    /** Of producers whose records retention has dropped, nothing else knows. May run anywhere. */
    public void forceSnapshot(long endOffset) throws IOException {
        Path snapshot = LogFiles.path(folder, endOffset, LogFiles.SNAPSHOT);
        if (disk.exists(snapshot)) {
            DiskFile file = disk.open(snapshot);
            try {
                file.force(SyncRule.INDEXES);
            } finally {
                file.close();
            }
        }
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

    /** What lies beyond the log's end was never, or is not any more. */
    public void deleteSnapshotsBeyond(List<Path> files, long endOffset) throws IOException {
        for (Path file : files) {
            if (LogFiles.offsetIn(file, LogFiles.SNAPSHOT) > endOffset) {
                disk.delete(file);
            }
        }
    }

    /**
     * Takes over the newest snapshot that is whole and not beyond that offset; damaged ones are deleted.
     *
     * @param files what lies in the folder
     * @return the offset from which the log must be replayed
     */
    public long restore(List<Path> files, long startOffset, long upTo) throws IOException {
        List<Long> offsets = new ArrayList<>();
        for (Path file : files) {
            long offset = LogFiles.offsetIn(file, LogFiles.SNAPSHOT);
            if (offset >= 0 && offset <= upTo) {
                offsets.add(offset);
            }
        }
        offsets.sort(Comparator.reverseOrder());
        for (long offset : offsets) {
            ProducerSnapshot snapshot = read(offset);
            if (snapshot != null) {
                snapshot.producerEntries().forEach(this::restore);
                snapshotOffset = offset;
                return Math.max(startOffset, offset);
            }
            disk.delete(LogFiles.path(folder, offset, LogFiles.SNAPSHOT));
        }
        return startOffset;
    }

    private void restore(ProducerSnapshot.ProducerEntry entry) {
        ProducerState state = ProducerState.of(entry);
        makeRoom();
        if (producers.put(entry.producerId(), state) != null) {
            memory.giveBack(ProducerState.BYTES);
        }
        if (state.isInTransaction()) {
            open.put(state.transactionFirstOffset(), entry.producerId());
        }
    }

    private @Nullable ProducerSnapshot read(long offset) throws IOException {
        ByteBuffer bytes = snapshotFile(offset).readIfPossible();
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
