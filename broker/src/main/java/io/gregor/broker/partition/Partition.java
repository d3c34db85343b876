package io.gregor.broker.partition;

import io.gregor.broker.config.TopicConfig;
import io.gregor.log.LogView;
import io.gregor.log.PartitionLog;
import io.gregor.wire.Uuid;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A partition that this broker leads: its log, its lane, and those who wait for it to grow. The log changes on the lane
 * only; its view and the waiters may be touched anywhere.
 */
public final class Partition {
    private final String topic;
    private final Uuid topicId;
    private final int index;
    private final PartitionLog log;
    private final Lane lane;
    private final int leaderEpoch;
    private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();
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

    void config(TopicConfig changed) {
        config = changed;
        log.config(changed.log());
    }

    /** Whether the topic is gone; whoever waits is to look again and find that out. */
    public boolean isDeleted() {
        return deleted;
    }

    void delete() {
        deleted = true;
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

    /** As messages show it. */
    public String name() {
        return topic + "-" + index;
    }

    @Override
    public String toString() {
        return name();
    }
}
