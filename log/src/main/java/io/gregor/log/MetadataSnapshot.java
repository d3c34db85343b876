package io.gregor.log;

import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.DiskFile;
import io.gregor.log.disk.SmallFile;
import io.gregor.log.segment.BatchReader;
import io.gregor.log.segment.StoredBatch;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.SnapshotFooterRecord;
import io.gregor.wire.message.SnapshotHeaderRecord;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Snapshots of the cluster's metadata as KRaft has them beside the log: {@code <end offset>-<epoch>.checkpoint}, which
 * holds a header, batches of records that stand for all that lies before the end offset, and a footer. Confined to the
 * controller's thread. Snapshots are read and written batch by batch; the newest two are kept, and the log from the end
 * of the older one on.
 */
public final class MetadataSnapshot {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataSnapshot.class);
    private static final Pattern NAME = Pattern.compile("(\\d{20})-(\\d{10})\\.checkpoint");
    private static final short HEADER = 3;
    private static final short FOOTER = 4;
    private static final short NONE = -1;
    private static final short VERSION = 0;
    /** About so large do batches get. */
    private static final int BATCH_BYTES = 1024 * 1024;

    private final DiskFile out;
    private final int epoch;
    private final long nowMs;
    private long position;
    private long offset;

    private MetadataSnapshot(DiskFile out, int epoch, long nowMs) {
        this.out = out;
        this.epoch = epoch;
        this.nowMs = nowMs;
    }

    /**
     * Hands the batches of the newest snapshot that is whole to the visitor, if there is one. A damaged one is passed
     * over where the one before and the log say the same.
     *
     * @param startOver run when what was visited so far counts for nothing: it was of a snapshot that is damaged
     * @throws CorruptLogException if a snapshot is damaged that nothing else stands for
     * @return the offset from which the log goes on; the start of the log if there is no snapshot
     */
    public static long read(PartitionLog log, LogView.BatchVisitor visitor, Runnable startOver) throws IOException {
        Disk disk = log.environment().disk();
        long start = log.view().startOffset();
        List<Path> newestFirst = snapshots(log);
        Collections.reverse(newestFirst);
        CorruptLogException damage = null;
        boolean isLogEnough = start == 0;
        for (Path file : newestFirst) {
            if (endOf(file) < start) {
                break;
            }
            CorruptLogException found = damageIn(disk, file, visitor);
            if (found == null) {
                return endOf(file);
            }
            startOver.run();
            LOG.error("{}: the metadata is taken from what was stored before", found.getMessage());
            damage = damage == null ? found : damage;
            isLogEnough &= endOf(file) > start;
        }
        if (damage != null && !isLogEnough) {
            throw damage;
        }
        return start;
    }

    /** In the order of their end offsets. */
    private static List<Path> snapshots(PartitionLog log) throws IOException {
        List<Path> snapshots = new ArrayList<>(log.environment().disk().list(log.folder()));
        snapshots.removeIf(file -> endOf(file) < 0);
        snapshots.sort(Comparator.comparingLong(MetadataSnapshot::endOf));
        return snapshots;
    }

    /** Null if there is none: then the visitor has seen all of the snapshot. */
    private static @Nullable CorruptLogException damageIn(Disk disk, Path file, LogView.BatchVisitor visitor)
            throws IOException {
        try {
            readWhole(disk, file, visitor);
            return null;
        } catch (CorruptLogException e) {
            return e;
        }
    }

    /** A file that was cut between two batches has no footer. */
    private static void readWhole(Disk disk, Path file, LogView.BatchVisitor visitor) throws IOException {
        short[] types = {NONE, NONE};
        read(disk, file, batch -> {
            types[1] = NONE;
            if (batch.header().isControl()) {
                batch.forEachRecord(record -> {
                    ByteBuffer key = record.key();
                    types[1] = key == null || key.remaining() < 4 ? NONE : key.getShort(key.position() + 2);
                    types[0] = types[0] == NONE ? types[1] : types[0];
                });
            }
            if (types[0] != HEADER) {
                throw new CorruptLogException(file, 0, "a snapshot without its header");
            }
            visitor.visit(batch);
        });
        if (types[1] != FOOTER) {
            throw new CorruptLogException(file, disk.size(file), "a snapshot without its footer");
        }
    }

    /**
     * Hands on the batches of {@code bootstrap.checkpoint}, if there is one: with it a folder begins that
     * {@code kafka-storage format} has made.
     */
    public static void readBootstrap(PartitionLog log, LogView.BatchVisitor visitor) throws IOException {
        read(log.environment().disk(), log.folder().resolveSibling("bootstrap.checkpoint"), visitor);
    }

    private static void read(Disk disk, Path file, LogView.BatchVisitor visitor) throws IOException {
        if (!disk.exists(file)) {
            return;
        }
        DiskFile opened = disk.open(file);
        try {
            BatchReader reader = BatchReader.of(file, opened);
            for (StoredBatch batch = reader.nextChecked(); batch != null; batch = reader.nextChecked()) {
                visitor.visit(batch);
            }
        } finally {
            opened.close();
        }
    }

    /** What a snapshot stands for ends there; -1 if the file is none. */
    private static long endOf(Path file) {
        Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
        return name.matches() ? Long.parseLong(name.group(1)) : -1;
    }

    /**
     * Writes a snapshot of all that the log holds now, in batches of about {@value #BATCH_BYTES} bytes. Once it is
     * durable the log begins where the snapshot before it ends; that one stays, those before it go.
     *
     * @param epoch of the last record of the log
     */
    public static void write(PartitionLog log, int epoch, long nowMs, Iterator<ByteBuffer> records) throws IOException {
        long end = log.view().endOffset();
        Disk disk = log.environment().disk();
        Path file = log.folder().resolve("%020d-%010d.checkpoint".formatted(end, epoch));
        new SmallFile(disk, file).replace(out -> new MetadataSnapshot(out, epoch, nowMs).write(records));
        List<Path> older = snapshots(log);
        older.removeIf(other -> endOf(other) >= end);
        Path kept = older.isEmpty() ? null : older.remove(older.size() - 1);
        for (Path other : older) {
            disk.delete(other);
        }
        for (Path other : disk.list(log.folder())) {
            if (String.valueOf(other.getFileName()).endsWith(".checkpoint" + SmallFile.TEMPORARY)) {
                disk.delete(other);
            }
        }
        if (kept != null) {
            log.advanceLogStart(endOf(kept));
        }
    }

    private void write(Iterator<ByteBuffer> records) throws IOException {
        MessageSink header = new MessageSink(16);
        new SnapshotHeaderRecord()
                .version(VERSION)
                .lastContainedLogTimestamp(nowMs)
                .write(header, VERSION);
        write(control(offset++, epoch, nowMs, HEADER, header.toBuffer()));
        while (records.hasNext()) {
            BatchBuilder batch =
                    new BatchBuilder(Compression.NONE).baseOffset(offset).leaderEpoch(epoch);
            int bytes = 0;
            while (records.hasNext() && bytes < BATCH_BYTES) {
                ByteBuffer record = records.next();
                bytes += record.remaining();
                batch.add(Record.of(nowMs, null, record));
                offset++;
            }
            write(batch.build());
        }
        MessageSink footer = new MessageSink(16);
        new SnapshotFooterRecord().version(VERSION).write(footer, VERSION);
        write(control(offset++, epoch, nowMs, FOOTER, footer.toBuffer()));
    }

    private void write(ByteBuffer batch) throws IOException {
        int bytes = batch.remaining();
        out.write(batch, position);
        position += bytes;
    }

    private static ByteBuffer control(long offset, int epoch, long nowMs, short type, ByteBuffer value) {
        ByteBuffer key = ByteBuffer.allocate(4).putShort(VERSION).putShort(type).flip();
        return new BatchBuilder(Compression.NONE)
                .control()
                .baseOffset(offset)
                .leaderEpoch(epoch)
                .add(Record.of(nowMs, key, value))
                .build();
    }
}
