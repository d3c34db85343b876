package io.gregor.log;

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
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Snapshots of the cluster's metadata as KRaft has them beside the log: {@code <end offset>-<epoch>.checkpoint}, which
 * holds a header, batches of records that stand for all that lies before the end offset, and a footer.
 */
public final class MetadataSnapshot {
    private static final Pattern NAME = Pattern.compile("(\\d{20})-(\\d{10})\\.checkpoint");
    private static final short HEADER = 3;
    private static final short FOOTER = 4;
    private static final short VERSION = 0;
    /** About so large do batches get. */
    private static final int BATCH_BYTES = 1024 * 1024;

    private MetadataSnapshot() {}

    /**
     * Hands the batches of the newest snapshot to the visitor, if there is one.
     *
     * @throws CorruptLogException at the first damage
     * @return the offset from which the log goes on; the start of the log if there is no snapshot
     */
    public static long read(PartitionLog log, LogView.BatchVisitor visitor) throws IOException {
        Disk disk = log.environment().disk();
        Path newest = null;
        long end = log.view().startOffset();
        for (Path file : disk.list(log.folder())) {
            long upTo = endOf(file);
            if (upTo >= end) {
                newest = file;
                end = upTo;
            }
        }
        if (newest != null) {
            read(disk, newest, visitor);
        }
        return end;
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
     * Writes a snapshot of all that the log holds now. Once it is on the disk, older ones go, and the log may begin
     * where it ends.
     *
     * @param epoch of the last record of the log
     */
    public static void write(PartitionLog log, int epoch, long nowMs, List<ByteBuffer> records) throws IOException {
        long end = log.view().endOffset();
        Disk disk = log.environment().disk();
        Path file = log.folder().resolve("%020d-%010d.checkpoint".formatted(end, epoch));
        List<ByteBuffer> batches = batches(epoch, nowMs, records);
        ByteBuffer content = ByteBuffer.allocate(
                batches.stream().mapToInt(ByteBuffer::remaining).sum());
        batches.forEach(content::put);
        new SmallFile(disk, file).replace(content.flip());
        for (Path other : disk.list(log.folder())) {
            if (endOf(other) >= 0 && endOf(other) < end) {
                disk.delete(other);
            }
        }
        log.raiseStart(end);
    }

    private static List<ByteBuffer> batches(int epoch, long nowMs, List<ByteBuffer> records) {
        List<ByteBuffer> batches = new ArrayList<>();
        MessageSink header = new MessageSink(16);
        new SnapshotHeaderRecord()
                .version(VERSION)
                .lastContainedLogTimestamp(nowMs)
                .write(header, VERSION);
        batches.add(control(0, epoch, nowMs, HEADER, header.toBuffer()));
        long offset = 1;
        int next = 0;
        while (next < records.size()) {
            BatchBuilder batch =
                    new BatchBuilder(Compression.NONE).baseOffset(offset).leaderEpoch(epoch);
            int bytes = 0;
            while (next < records.size() && bytes < BATCH_BYTES) {
                bytes += records.get(next).remaining();
                batch.add(Record.of(nowMs, null, records.get(next++)));
                offset++;
            }
            batches.add(batch.build());
        }
        MessageSink footer = new MessageSink(16);
        new SnapshotFooterRecord().version(VERSION).write(footer, VERSION);
        batches.add(control(offset, epoch, nowMs, FOOTER, footer.toBuffer()));
        return batches;
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
