package io.gregor.broker.replica;

import io.gregor.wire.Uuid;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The traffic of all topics that have partitions here, each until it is deleted, and the sum. Thread-safe. */
public final class TopicTraffics {
    private final TopicTraffic all = new TopicTraffic("", null);
    private final Map<Uuid, TopicTraffic> byTopic = new ConcurrentHashMap<>();

    TopicTraffic of(Uuid topicId, String topic) {
        return byTopic.computeIfAbsent(topicId, id -> new TopicTraffic(topic, all));
    }

    void forget(Uuid topicId) {
        byTopic.remove(topicId);
    }

    /** Of all topics, also of those that are deleted by now. */
    public TopicTraffic all() {
        return all;
    }

    /** In no order. */
    public Collection<TopicTraffic> topics() {
        return byTopic.values();
    }
}
