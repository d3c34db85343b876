package io.gregor.log;

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

    /** How urgently the log wants to be compacted: 0 for not at all, else the share of its bytes that never was. */
    public double urgency() throws IOException {
        Dirt dirt = dirt();
        return dirt != null && dirt.isEnough(log.config().compaction()) ? dirt.ratio() : 0;
    }

    private @Nullable Dirt dirt() throws IOException {
        LogConfig.Compaction rules = log.config().compaction();
        return rules.compact()
                ? Dirt.of(
                        log.view(),
                        log.compactUpTo(),
                        rules,
                        log.environment().clock().millis())
                : null;
    }

    /** Compacts the log once, if there is anything to compact. */
    public void compact() throws IOException, InterruptedException {
        Dirt dirt = dirt();
        if (dirt == null) {
            return;
        }
        long began = log.environment().clock().millis();
        LogView view = log.view();
        List<ProducerSummary> producers = new ArrayList<>();
        onLane(() -> {
            producers.addAll(log.producers().summaries());
            return null;
        });
        Compactor compactor = new Compactor(log, view, dirt, producers, memoryBytes, stopped);
        for (Compactor.Replacement replacement : compactor.run()) {
            if (!replace(replacement.old(), replacement.cleaned())) {
                return;
            }
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

    /** False if the log has dropped some of the old segments meanwhile: then the new one is of no use. */
    private boolean replace(List<Segment> old, Segment cleaned) throws IOException, InterruptedException {
        boolean[] begun = new boolean[1];
        onLane(() -> {
            begun[0] = log.beginReplace(old);
            return null;
        });
        if (!begun[0]) {
            cleaned.delete(LogFiles.CLEANED);
            return false;
        }
        List<Segment> placed = new ArrayList<>();
        try {
            cleaned.rename(LogFiles.CLEANED, LogFiles.SWAP);
            for (Segment segment : old) {
                segment.hold();
                segment.rename("", LogFiles.DELETED);
            }
            cleaned.rename(LogFiles.SWAP, "");
            placed.add(new Segment(
                    log.environment().disk(),
                    log.folder(),
                    cleaned.baseOffset(),
                    log.environment().clock().millis()));
        } finally {
            onLane(() -> {
                log.endReplace(old, placed);
                return null;
            });
        }
        log.discardReplaced(old, cleaned.baseOffset());
        return true;
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
