package io.gregor.broker.storage;

import io.gregor.broker.replica.Partition;
import io.gregor.log.LogDir;
import io.gregor.log.LogView;
import io.gregor.log.PartitionLog;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves partitions between log directories while they are written. A copy grows beside the log, under a name that ends
 * with {@code -future}; once it has caught up it is flushed, and the lane goes on with it. A broker that starts again
 * goes on with what it finds. Called on any thread; files are touched by the background executor, one move at a time,
 * and at the end by the lane.
 */
public final class LogDirMover {
    private static final Logger LOG = LoggerFactory.getLogger(LogDirMover.class);
    /** So much may be left to be copied on the lane. */
    private static final int LAST_BYTES = 64 * 1024;

    private final List<LogDir> folders;
    private final Executor background;
    private final Map<Partition, Move> moves = new ConcurrentHashMap<>();
    private volatile boolean stopped;

    /** @param background runs one task at a time */
    public LogDirMover(List<LogDir> folders, Executor background) {
        this.folders = folders;
        this.background = background;
    }

    /** A partition on its way. */
    public static final class Move {
        private final Partition partition;
        private final LogDir target;
        private volatile @Nullable PartitionLog copy;

        Move(Partition partition, LogDir target) {
            this.partition = partition;
            this.target = target;
        }

        public Partition partition() {
            return partition;
        }

        public LogDir target() {
            return target;
        }

        private void leaveFiles() {
            PartitionLog begun = copy;
            if (begun != null) {
                begun.leaveFiles();
            }
        }

        /** What has been copied so far; null if nothing has. */
        public @Nullable LogView copied() {
            PartitionLog begun = copy;
            return begun == null ? null : begun.view();
        }
    }

    /** Lets go of the files of all copies: the broker has stopped. */
    public void leaveFiles() {
        moves.values().forEach(Move::leaveFiles);
    }

    /** All that are on their way, in no order. */
    public List<Move> moves() {
        return List.copyOf(moves.values());
    }

    boolean isMoving(Partition partition) {
        return moves.containsKey(partition);
    }

    /** Leaves what is on its way as it is: the broker stops. */
    public void stop() {
        stopped = true;
    }

    /**
     * Begins to move a partition, or has it stay where it is; a move to elsewhere is given up. When this returns, a
     * start after a crash would go on with it.
     */
    public synchronized void move(Partition partition, LogDir target) throws IOException {
        Move running = moves.get(partition);
        if (running != null && running.target == target) {
            return;
        }
        if (running != null) {
            moves.remove(partition);
            running.leaveFiles();
            running.target.dropFuture(partition.name(), partition.topicId());
        }
        if (!target.root().equals(partition.log().folder().getParent())) {
            begin(new Move(partition, target));
        }
    }

    private void begin(Move move) throws IOException {
        open(move);
        moves.put(move.partition, move);
        background.execute(() -> advance(move));
    }

    /** Goes on with the moves that a stop or a crash has interrupted, before anything is written. */
    public void resume(List<Partition> partitions, boolean allOnline) throws IOException {
        for (LogDir folder : folders) {
            Set<String> unknown = folder.isOffline() ? Set.of() : folder.futures();
            if (unknown.isEmpty()) {
                continue;
            }
            for (Partition partition : partitions) {
                if (unknown.remove(partition.name())) {
                    begin(new Move(partition, folder));
                }
            }
            if (allOnline) {
                for (String name : unknown) {
                    folder.dropFuture(name, null);
                }
            }
        }
    }

    /** Opens the copy. One that goes beyond the log, or ends before it begins, is of no use. */
    private PartitionLog open(Move move) throws IOException {
        PartitionLog copy = move.copy;
        LogView view = move.partition.view();
        long start = view.firstOffset();
        if (copy == null) {
            copy = openFuture(move, start);
        }
        if (copy.view().endOffset() > view.endOffset() || copy.view().endOffset() < start) {
            copy.leaveFiles();
            move.target.dropFuture(move.partition.name(), move.partition.topicId());
            copy = openFuture(move, start);
        }
        move.copy = copy;
        return copy;
    }

    private static PartitionLog openFuture(Move move, long start) throws IOException {
        Partition partition = move.partition;
        return move.target.openFuture(
                partition.topic(),
                partition.index(),
                partition.topicId(),
                partition.config().log(),
                start);
    }

    private boolean isOff(Move move) {
        return stopped || moves.get(move.partition) != move;
    }

    private void advance(Move move) {
        if (isOff(move)) {
            return;
        }
        try {
            if (move.partition.isDeleted()) {
                moves.remove(move.partition);
                drop(move);
                return;
            }
            PartitionLog copy = open(move);
            copy(move, copy);
            if (isBehind(move, copy)) {
                background.execute(() -> advance(move));
            } else {
                move.partition.lane().execute(() -> catchUp(move, copy));
            }
        } catch (IOException | RuntimeException e) {
            giveUp(move, e);
        }
    }

    private static boolean isBehind(Move move, PartitionLog copy) {
        return move.partition.view().sizeInBytes() - copy.view().sizeInBytes() > LAST_BYTES
                && copy.view().endOffset() < move.partition.view().endOffset();
    }

    /** Copies what is missing right now. */
    private void copy(Move move, PartitionLog copy) throws IOException {
        move.partition.view().forEachBatch(copy.view().endOffset(), batch -> {
            if (isOff(move)) {
                throw new CancellationException("moving " + move.partition);
            }
            if (batch.header().lastOffset() >= copy.view().endOffset()) {
                copy.appendCopy(batch);
            }
        });
    }

    /** On the lane: from here on nothing more counts as flushed, so that the copy can be flushed as far. */
    private void catchUp(Move move, PartitionLog copy) {
        if (!move.partition.holdFlushes()) {
            background.execute(() -> move.partition.lane().execute(() -> catchUp(move, copy)));
            return;
        }
        background.execute(() -> {
            try {
                copy(move, copy);
                copy.flush();
            } catch (IOException | RuntimeException e) {
                giveUp(move, e);
            }
            move.partition.lane().execute(() -> finish(move, copy));
        });
    }

    /** On the lane. */
    private void finish(Move move, PartitionLog copy) {
        Partition partition = move.partition;
        try {
            boolean done = false;
            if (!isOff(move) && !partition.isDeleted() && !isBehind(move, copy)) {
                copy(move, copy);
                done = copy.replace(partition.log());
            }
            if (done) {
                replace(move, copy);
            } else {
                background.execute(() -> advance(move));
            }
        } catch (IOException | RuntimeException e) {
            giveUp(move, e);
        } finally {
            partition.releaseFlushes();
        }
    }

    private void replace(Move move, PartitionLog copy) throws IOException {
        Partition partition = move.partition;
        PartitionLog original = partition.log();
        move.target.promote(partition.topic(), partition.index(), copy);
        partition.adopt(copy);
        original.leaveFiles();
        moves.remove(partition);
        LOG.info("{} lies in {} now, no longer in {}", partition, move.target.root(), original.folder());
        background.execute(() -> {
            try {
                move.target.checkpoint();
                move.target.syncNames();
                for (LogDir folder : folders) {
                    if (folder.root().equals(original.folder().getParent())) {
                        folder.delete(original);
                    }
                }
            } catch (IOException e) {
                LOG.error("Deleting {} failed; the next start puts it aside", original, e);
            }
        });
    }

    private void giveUp(Move move, Exception because) {
        if (isOff(move)) {
            return;
        }
        LOG.error("Moving {} to {} failed; it stays where it is", move.partition, move.target.root(), because);
        moves.remove(move.partition);
        background.execute(() -> drop(move));
    }

    private static void drop(Move move) {
        move.leaveFiles();
        try {
            move.target.dropFuture(move.partition.name(), move.partition.topicId());
        } catch (IOException e) {
            LOG.error("Deleting the copy of {} failed; the next start goes on with it", move.partition, e);
        }
    }
}
