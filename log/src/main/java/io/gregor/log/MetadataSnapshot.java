package io.gregor.log;

import io.gregor.wire.record.RecordBatch;
import io.gregor.wire.record.RecordBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of the cluster's metadata as KRaft leaves it beside the log: {@code <end offset>-<epoch>.checkpoint},
 * which holds batches of records that stand for all that lies before the end offset.
 */
public final class MetadataSnapshot {
    private static final Pattern NAME = Pattern.compile("(\\d{20})-(\\d{10})\\.checkpoint");

    private MetadataSnapshot() {}

    /**
     * Hands the batches of the newest snapshot to the visitor, if there is one.
     *
     * @return the offset from which the log goes on; the start of the log if there is no snapshot
     */
    public static long read(PartitionLog log, LogView.BatchVisitor visitor) throws IOException {
        Disk disk = log.environment().disk();
        Path newest = null;
        long end = log.view().startOffset();
        for (Path file : disk.list(log.folder())) {
            Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
            if (name.matches() && Long.parseLong(name.group(1)) >= end) {
                newest = file;
                end = Long.parseLong(name.group(1));
            }
        }
        @Nullable ByteBuffer content = newest == null ? null : LogFiles.readAll(disk, newest);
        if (content != null) {
            for (RecordBatch batch : RecordBatches.split(content)) {
                visitor.visit(batch);
            }
        }
        return end;
    }
}
