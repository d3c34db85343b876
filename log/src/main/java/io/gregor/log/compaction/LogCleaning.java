package io.gregor.log.compaction;

import io.gregor.log.InterruptedSwap;
import io.gregor.log.LogConfig;
import io.gregor.log.LogView;
import io.gregor.log.PartitionLog;
import io.gregor.log.Retention;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.producer.ProducerSummary;
import io.gregor.log.segment.Segment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes and compacts in one log, away from its lane: what takes long happens here, what changes the log happens
 * there. Confined to one thread, which may wait for the lane.
 */
public final class LogCleaning {
    private static final Logger LOG = LoggerFactory.getLogger(LogCleaning.class);

    private final PartitionLog log;
    private final Executor lane;
    private final int memoryBytes;
    private final BooleanSupplier stopped;

    /**
     * @param memoryBytes what the keys of one pass may take
     * @param stopped whether a pass that runs is to be given up: it ends with a CancellationException
     */
    public LogCleaning(PartitionLog log, Executor lane, int memoryBytes, BooleanSupplier stopped) {
        this.log = log;
        this.lane = lane;
        this.memoryBytes = memoryBytes;
        this.stopped = stopped;
    }

    /** Drops what retention does not want to keep. */
    public void applyRetention() throws IOException, InterruptedException {
        if (Retention.expired(
                        log.view(),
                        log.config().retention(),
                        log.environment().clock().millis())
                .isEmpty()) {
            return;
        }
        onLane(() -> {
            try {
                log.applyRetention();
                return null;
            } catch (IOException e) {
                return e;
            }
        });
    }

    /**
     * How much there is to compact.
     *
     * @param dirtyRatio of the bytes that can be compacted, the part that never was, from 0 to 1
     * @param urgency the same if that is enough to begin, else 0
     */
    public record Need(double dirtyRatio, double urgency) {
        public static final Need NONE = new Need(0, 0);
    }

    /** What there is to do in the log now. */
    public Need need() throws IOException {
        CleanableRange dirt = dirt();
        if (dirt == null) {
            return Need.NONE;
        }
        return new Need(dirt.ratio(), dirt.isEnough(log.config().compaction()) ? dirt.ratio() : 0);
    }

    private @Nullable CleanableRange dirt() throws IOException {
        LogConfig.Compaction rules = log.config().compaction();
        return rules.compact()
                ? CleanableRange.of(
                        log.view(),
                        log.compactUpTo(),
                        rules,
                        log.environment().clock().millis())
                : null;
    }

    /** Compacts the log once, if there is anything to compact. */
    public void compact() throws IOException, InterruptedException {
        CleanableRange dirt = dirt();
        LogView view = log.view();
        if (dirt == null || !view.retain()) {
            return;
        }
        try {
            compact(view, dirt);
        } finally {
            view.release();
        }
    }

    private void compact(LogView view, CleanableRange dirt) throws IOException, InterruptedException {
        long began = log.environment().clock().millis();
        List<ProducerSummary> producers = new ArrayList<>();
        onLane(() -> {
            producers.addAll(log.producers().summaries());
            return null;
        });
        Compactor compactor = new Compactor(log, view, dirt, producers, memoryBytes, stopped);
        if (!replaceAll(compactor.run())) {
            return;
        }
        log.compactUpTo(compactor.compactUpTo());
        LOG.info(
                "Compacted {} up to offset {} in {} ms: from {} to {} bytes",
                log,
                compactor.compactUpTo(),
                log.environment().clock().millis() - began,
                view.sizeInBytes(),
                log.view().sizeInBytes());
    }

    /** False if the log has dropped some of the old segments meanwhile: then their new one is of no use. */
    private boolean replaceAll(List<Compactor.Replacement> replacements) throws IOException, InterruptedException {
        int tried = 0;
        try {
            for (Compactor.Replacement replacement : replacements) {
                tried++;
                if (!replace(replacement.old(), replacement.cleaned())) {
                    return false;
                }
            }
            return true;
        } finally {
            Compactor.discard(replacements.subList(tried, replacements.size()));
        }
    }

    private boolean replace(List<Segment> old, Segment cleaned) throws IOException, InterruptedException {
        boolean[] begun = new boolean[1];
        onLane(() -> {
            begun[0] = log.beginReplace(old);
            return null;
        });
        if (!begun[0]) {
            cleaned.delete();
            return false;
        }
        boolean swapped = false;
        try {
            swapNames(old, cleaned);
            swapped = true;
        } finally {
            List<Segment> placed = swapped ? List.of(cleaned) : List.of();
            onLane(() -> {
                log.endReplace(old, placed);
                return null;
            });
        }
        log.discardReplaced(old, cleaned.baseOffset());
        return true;
    }

    private static void swapNames(List<Segment> old, Segment cleaned) throws IOException {
        try {
            cleaned.rename(LogFiles.SWAP);
            for (Segment segment : old) {
                segment.rename(LogFiles.DELETED);
            }
            cleaned.rename("");
        } catch (IOException e) {
            takeBack(old, cleaned, e);
            throw e;
        }
    }

    /** From the last to the first, so that while the first is gone the new one holds: see {@link InterruptedSwap}. */
    private static void takeBack(List<Segment> old, Segment cleaned, IOException failure) {
        try {
            cleaned.rename(LogFiles.SWAP);
            for (int i = old.size() - 1; i >= 0; i--) {
                old.get(i).rename("");
            }
            cleaned.rename(LogFiles.CLEANED);
            cleaned.delete();
        } catch (IOException e) {
            failure.addSuppressed(e);
            cleaned.letGo();
        }
    }

    private void onLane(Supplier<@Nullable IOException> task) throws IOException, InterruptedException {
        CompletableFuture<@Nullable IOException> done = new CompletableFuture<>();
        lane.execute(() -> {
            try {
                done.complete(task.get());
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        try {
            IOException failure = done.get();
            if (failure != null) {
                throw failure;
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("cleaning " + log + " failed on its lane", e.getCause());
        }
    }
}
