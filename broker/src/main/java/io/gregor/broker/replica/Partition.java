package io.gregor.broker.replica;

import io.gregor.broker.config.TopicConfig;
import io.gregor.broker.lane.Lane;
import io.gregor.log.LogView;
import io.gregor.log.PartitionLog;
import io.gregor.wire.Uuid;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A partition that this broker leads: its log, its lane, and those who wait for it to grow. The log changes on the lane
 * only; its view and the waiters may be touched anywhere.
 */
public final class Partition {
    private final String topic;
    private final Uuid topicId;
    private final int index;
    private volatile PartitionLog log;
    private final Lane lane;
    private final int leaderEpoch;
    private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();
    private final List<Consumer<Boolean>> awaitingFlush = new ArrayList<>();
    private boolean flushing;
    private boolean flushesHeld;
    private long unflushedSinceMs;
    private volatile TopicConfig config;
    private volatile boolean deleted;

    /** Someone who wants to look again when the partition has changed. Called on the lane; must not block. */
    public interface Waiter {
        void changed();
    }

    Partition(String topic, Uuid topicId, int index, PartitionLog log, Lane lane, int leaderEpoch, TopicConfig config) {
        this.topic = topic;
        this.topicId = topicId;
        this.index = index;
        this.log = log;
        this.lane = lane;
        this.leaderEpoch = leaderEpoch;
        this.config = config;
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

    /** Its appends must run on the lane. */
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

    /** Takes effect at once here, and in the log as soon as the lane runs: there a move may replace the log. */
    void config(TopicConfig changed) {
        config = changed;
        lane.execute(() -> log.config(config.log()));
    }

    /** Whether the topic is gone; whoever waits is to look again and find that out. */
    public boolean isDeleted() {
        return deleted;
    }

    void delete() {
        deleted = true;
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
        if (!waiters.isEmpty()) {
            waiters.forEach(Waiter::changed);
        }
    }

    /**
     * Runs the action on the lane, where this must be called, once all that has been appended so far is on the disk;
     * with false if the disk refused. One flush serves all that wait when it begins.
     */
    public void whenFlushed(Consumer<Boolean> action) {
        lane.assertCurrent();
        awaitingFlush.add(action);
        if (!flushing && !flushesHeld) {
            flush();
        }
    }

    private void flush() {
        flushing = true;
        List<Consumer<Boolean>> served = List.copyOf(awaitingFlush);
        awaitingFlush.clear();
        log.flushThen(lane, worked -> {
            flushing = false;
            if (!awaitingFlush.isEmpty() && !flushesHeld) {
                flush();
            }
            served.forEach(action -> action.accept(worked));
            wakeWaiters();
        });
    }

    /** Flushes what has waited for {@code flush.ms}, if anything has. To be called on the lane, now and then. */
    public void flushIfDue(long nowMs) {
        lane.assertCurrent();
        if (log.unflushed() == 0) {
            unflushedSinceMs = nowMs;
        } else if (!flushing
                && !flushesHeld
                && nowMs - unflushedSinceMs >= log.config().flushing().ms()) {
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
        if (!flushing && !awaitingFlush.isEmpty()) {
            flush();
        }
    }

    /** Goes on with another copy of its log, which has taken over. */
    public void goOnWith(PartitionLog copy) {
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
