package io.gregor.broker.replica;

import io.gregor.broker.config.TopicConfig;
import io.gregor.broker.lane.Lane;
import io.gregor.log.AppendResult;
import io.gregor.log.LogView;
import io.gregor.log.PartitionLog;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.EndMarker;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition that this broker leads: its log, its lane, appends that are pending, and those who wait for it to grow.
 * The log changes on the lane only; its view and the waiters may be touched anywhere. Records enter it by
 * {@link #append} and {@link #appendMarker} only.
 */
public final class Partition {
    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);
    /** From so much on, what was appended since the last flush is flushed while the broker has little else to do. */
    static final int FLUSHED_WHEN_QUIET_BYTES = 1024 * 1024;

    private final String topic;
    private final Uuid topicId;
    private final int index;
    private volatile PartitionLog log;
    private final Lane lane;
    private final int leaderEpoch;
    private final @Nullable TopicTraffic traffic;
    private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();
    private final PendingAppends pending = new PendingAppends(this::log);
    /** Why the last append failed, null if it did not, and how often appends have failed for that since one did not. */
    private @Nullable String failure;

    private int failures;
    private boolean flushing;
    private boolean flushesHeld;
    private long unflushedSinceMs;
    /** Set on the lane, never less than before. */
    private final AtomicLong appendedBytes = new AtomicLong();
    /** Of these, those before the last flush began. Set on the lane. */
    private final AtomicLong flushedBytes = new AtomicLong();

    private volatile TopicConfig config;
    private volatile boolean deleted;

    /** Someone who wants to look again when the partition has changed. Called on the lane; must not block. */
    public interface Waiter {
        void changed();
    }

    Partition(
            String topic,
            Uuid topicId,
            int index,
            PartitionLog log,
            Lane lane,
            int leaderEpoch,
            TopicConfig config,
            @Nullable TopicTraffic traffic) {
        this.topic = topic;
        this.topicId = topicId;
        this.index = index;
        this.log = log;
        this.lane = lane;
        this.leaderEpoch = leaderEpoch;
        this.config = config;
        this.traffic = traffic;
    }

    public String topic() {
        return topic;
    }

    public Uuid topicId() {
        return topicId;
    }

    public int index() {
        return index;
    }

    /** To be read and cut on the lane; appends go through {@link #append}. */
    public PartitionLog log() {
        return log;
    }

    public LogView view() {
        return log.view();
    }

    public Lane lane() {
        return lane;
    }

    public int leaderEpoch() {
        return leaderEpoch;
    }

    public TopicConfig config() {
        return config;
    }

    /** Counts what its topic is used for; null if nobody looks. */
    public @Nullable TopicTraffic traffic() {
        return traffic;
    }

    /** Takes effect at once here, and in the log as soon as the lane runs: there a move may replace the log. */
    void config(TopicConfig changed) {
        config = changed;
        lane.execute(() -> log.config(config.log()));
    }

    /** Whether the topic is gone; whoever waits is to look again and find that out. */
    public boolean isDeleted() {
        return deleted;
    }

    /** On the lane: appends that are pending get UNKNOWN_TOPIC_OR_PARTITION, and so does whoever appends later. */
    void delete() {
        deleted = true;
        pending.end(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        log.leaveFiles();
        wakeWaiters();
    }

    /** The waiter must look at the partition again after this: a change in between would be missed. */
    public void addWaiter(Waiter waiter) {
        waiters.add(waiter);
    }

    public void removeWaiter(Waiter waiter) {
        waiters.remove(waiter);
    }

    /** Called after every change that readers can see. */
    public void wakeWaiters() {
        for (Waiter waiter : waiters) {
            try {
                waiter.changed();
            } catch (RuntimeException e) {
                LOG.error("Who waits on {} could not go on", this, e);
            }
        }
    }

    /**
     * Appends a batch that was checked: it gets its offsets and the leader's epoch in place. To be called on the lane.
     *
     * @param required what has to hold before the append is completed
     */
    public void append(RecordBatch batch, Durability required, AppendCallback callback) {
        lane.assertCurrent();
        if (deleted) {
            refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, callback);
            return;
        }
        AppendResult result;
        try {
            result = log.append(batch, leaderEpoch);
        } catch (IOException | RuntimeException e) {
            refuse(e, callback);
            return;
        }
        long appendTimeMs = batch.isLogAppendTime() ? batch.maxTimestamp() : -1;
        appended(result, batch.sizeInBytes(), appendTimeMs, required, callback);
    }

    /**
     * Ends a producer's transaction here. To be called on the lane.
     *
     * @param raisesEpoch whether the marker's epoch is one above that of the transaction (transaction version 2)
     * @param required what has to hold before the append is completed
     */
    public void appendMarker(
            long producerId,
            short producerEpoch,
            EndMarker marker,
            boolean raisesEpoch,
            Durability required,
            AppendCallback callback) {
        lane.assertCurrent();
        if (deleted) {
            refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, callback);
            return;
        }
        AppendResult result;
        try {
            result = log.appendMarker(producerId, producerEpoch, marker, raisesEpoch, leaderEpoch);
        } catch (IOException | RuntimeException e) {
            refuse(e, callback);
            return;
        }
        appended(result, EndMarker.BATCH_BYTES, -1, required, callback);
    }

    private void refuse(Exception because, AppendCallback callback) {
        String cause = because.toString();
        if (cause.equals(failure)) {
            failures++;
            LOG.debug("Appending to {} failed again", this, because);
        } else {
            failure = cause;
            failures = 1;
            LOG.error("Appending to {} failed", this, because);
        }
        boolean disk = because instanceof IOException;
        refuse(disk ? ErrorCode.KAFKA_STORAGE_ERROR : ErrorCode.UNKNOWN_SERVER_ERROR, callback);
    }

    private void refuse(ErrorCode error, AppendCallback callback) {
        if (traffic != null) {
            traffic.refused(error, 0);
        }
        pending.refuse(callback, error);
    }

    private void appended(
            AppendResult result, int bytes, long appendTimeMs, Durability required, AppendCallback callback) {
        if (result instanceof AppendResult.Refused refused) {
            refuse(refused.error(), callback);
        } else if (result instanceof AppendResult.Duplicate known) {
            count(bytes, known.endOffset() - known.baseOffset());
            pending.place(known.baseOffset(), known.endOffset(), known.timestampMs(), required, callback);
        } else if (result instanceof AppendResult.Stored stored) {
            if (failure != null) {
                LOG.info("Appending to {} works again; it failed {} times in a row", this, failures);
                failure = null;
            }
            count(bytes, stored.endOffset() - stored.baseOffset());
            appendedBytes.lazySet(appendedBytes.get() + bytes);
            pending.place(stored.baseOffset(), stored.endOffset(), appendTimeMs, required, callback);
            wakeWaiters();
        }
        flushIfAwaited();
    }

    private void count(int bytes, long records) {
        if (traffic != null) {
            traffic.appended(bytes, records);
        }
    }

    /** One flush serves all appends that wait when it begins. */
    private void flushIfAwaited() {
        if (!flushing && !flushesHeld && pending.isAnyWaiting()) {
            flush();
        }
    }

    private void flush() {
        flushing = true;
        flushedBytes.lazySet(appendedBytes.get());
        long end = log.view().endOffset();
        log.flushThen(lane, worked -> {
            flushing = false;
            if (worked) {
                pending.settle();
            } else {
                pending.fail(end);
            }
            flushIfAwaited();
            wakeWaiters();
        });
    }

    /** How many bytes were appended here since the start. May be asked on any thread. */
    long appendedBytes() {
        return appendedBytes.get();
    }

    /** Whether {@link #flushIfDue} might find something to flush. May be asked on any thread. */
    boolean mayHaveFlushDue(boolean quiet) {
        return log.config().flushing().ms() < Long.MAX_VALUE || (quiet && hasMuchToFlush());
    }

    private boolean hasMuchToFlush() {
        return appendedBytes.get() - flushedBytes.get() >= FLUSHED_WHEN_QUIET_BYTES;
    }

    /**
     * Flushes what has waited for {@code flush.ms}, if anything has. To be called on the lane, now and then.
     *
     * @param quiet whether the broker has little to write, so that much is flushed before it is due
     */
    void flushIfDue(long nowMs, boolean quiet) {
        lane.assertCurrent();
        if (log.unflushed() == 0) {
            unflushedSinceMs = nowMs;
            flushedBytes.lazySet(appendedBytes.get());
        } else if (!flushing
                && !flushesHeld
                && ((quiet && hasMuchToFlush())
                        || nowMs - unflushedSinceMs >= log.config().flushing().ms())) {
            unflushedSinceMs = nowMs;
            flush();
        }
    }

    /** Puts flushes off: what counts as flushed does not change until they are released. False while one still runs. */
    public boolean holdFlushes() {
        lane.assertCurrent();
        flushesHeld = true;
        return !flushing;
    }

    public void releaseFlushes() {
        lane.assertCurrent();
        flushesHeld = false;
        flushIfAwaited();
    }

    /** Goes on with another copy of its log, which has taken over. */
    public void adopt(PartitionLog copy) {
        lane.assertCurrent();
        log = copy;
        copy.config(config.log());
        wakeWaiters();
    }

    /** As messages show it. */
    public String name() {
        return topic + "-" + index;
    }

    @Override
    public String toString() {
        return name();
    }
}
