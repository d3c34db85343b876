package io.gregor.broker.fetch;

import io.gregor.broker.memory.BoundedCache;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest;
import io.gregor.wire.message.FetchRequest.FetchPartition;
import io.gregor.wire.message.FetchRequest.FetchTopic;
import io.gregor.wire.message.FetchRequest.ForgottenTopic;
import io.gregor.wire.message.FetchResponse.PartitionData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client fetches again and again (KIP-227): later requests name the changes only, and answers leave out what did
 * not change. Guarded by its own lock; a client has one request in flight.
 */
public final class FetchSession {
    /** A partition as this session's client names it: by id from version 13 on, else by name. */
    public record Key(String topic, Uuid topicId, int partition) implements Comparable<Key> {
        /** Some order, so that names of one hash value do not make look-ups slow. */
        @Override
        public int compareTo(Key that) {
            int byName = topic.compareTo(that.topic);
            int byTopic = byName != 0 ? byName : topicId.compareTo(that.topicId);
            return byTopic != 0 ? byTopic : Integer.compare(partition, that.partition);
        }

        boolean isById() {
            return !topicId.equals(Uuid.ZERO);
        }
    }

    /**
     * A partition that is to be fetched.
     *
     * @param topic the name of its topic when this session first knew it; null if no topic has had its id since
     */
    public record Target(Key key, @Nullable String topic, FetchPartition partition) {}

    private static final class State {
        private FetchPartition wanted;
        /** The name that the topic had when its id was first known. */
        private @Nullable String topic;

        private long highWatermark = -1;
        private long logStartOffset = -1;
        private boolean sent;

        State(FetchPartition wanted) {
            this.wanted = wanted;
        }
    }

    static final int NO_SESSION = 0;
    /** In memory, of a session without partitions. */
    private static final int OWN_BYTES = 150;
    /** In memory, of one partition without the name of its topic. */
    private static final int PARTITION_BYTES = 200;

    private final boolean usesTopicIds;
    private final Map<Key, State> partitions = new LinkedHashMap<>();
    private int id = NO_SESSION;
    private int nextEpoch = 1;
    private long bytes = OWN_BYTES;
    private long begunMs;
    private long lastUsedMs;

    FetchSession(boolean usesTopicIds) {
        this.usesTopicIds = usesTopicIds;
    }

    public synchronized int id() {
        return id;
    }

    /** From now on later requests may go on with this session. */
    synchronized void begin(int chosenId, long nowMs) {
        id = chosenId;
        begunMs = nowMs;
        lastUsedMs = nowMs;
    }

    boolean usesTopicIds() {
        return usesTopicIds;
    }

    /** How long it had been there when it was last used. */
    synchronized long usedForMs() {
        return lastUsedMs - begunMs;
    }

    /** How many partitions it has. */
    synchronized int size() {
        return partitions.size();
    }

    /** What it takes in memory at most. */
    synchronized long bytes() {
        return bytes;
    }

    private static long bytesOf(Key key) {
        return PARTITION_BYTES + (key.topic().isEmpty() ? 0 : BoundedCache.sizeOf(key.topic()));
    }

    synchronized long lastUsedMs() {
        return lastUsedMs;
    }

    synchronized void used(long nowMs) {
        lastUsedMs = nowMs;
    }

    /** The epoch that the next request must have. */
    synchronized int nextEpoch() {
        return nextEpoch;
    }

    /** The next request has come. */
    synchronized void takeEpoch() {
        nextEpoch = after(nextEpoch);
    }

    /** Whether the request with that epoch is still the latest one. */
    public synchronized boolean isAnswering(int epoch) {
        return nextEpoch == after(epoch);
    }

    /** Epochs wrap to 1. */
    private static int after(int epoch) {
        return epoch == Integer.MAX_VALUE ? 1 : epoch + 1;
    }

    /** Takes in what a request adds, changes and forgets. */
    synchronized void update(FetchRequest request) {
        want(request.topics());
        for (ForgottenTopic topic : request.forgottenTopicsData()) {
            topic.partitions().forEach(index -> forget(new Key(topic.topic(), topic.topicId(), index)));
        }
    }

    private void forget(Key key) {
        if (partitions.remove(key) != null) {
            bytes -= bytesOf(key);
        }
    }

    /** Takes in what a request adds and changes. */
    synchronized void want(List<FetchTopic> topics) {
        for (FetchTopic topic : topics) {
            for (FetchPartition partition : topic.partitions()) {
                Key key = new Key(topic.topic(), topic.topicId(), partition.partition());
                State state = partitions.get(key);
                if (state == null) {
                    partitions.put(key, new State(partition));
                    bytes += bytesOf(key);
                } else {
                    state.wanted = partition;
                }
            }
        }
    }

    /** All that is to be fetched now, in the order in which it is their turn. */
    public synchronized List<Target> targets(PartitionLookup lookup) {
        List<Target> targets = new ArrayList<>(partitions.size());
        partitions.forEach((key, state) -> {
            if (state.topic == null) {
                state.topic = key.isById() ? lookup.nameOf(key.topicId()) : key.topic();
            }
            targets.add(new Target(key, state.topic, state.wanted));
        });
        return targets;
    }

    /**
     * Whether that answer belongs in the response, since it is news to the client; if so it is noted as sent. A
     * partition that got records goes to the end of the line, so that the others get their turn.
     *
     * @param first whether the session begins with this: then all is news, and the line is that of the answers
     */
    public synchronized boolean noteSent(Key key, PartitionData answer, boolean first) {
        State state = partitions.get(key);
        if (state == null) {
            return first;
        }
        boolean records = answer.records() != null && answer.records().size() > 0;
        boolean error = answer.errorCode() != ErrorCode.NONE.code();
        boolean diverging = answer.divergingEpoch().epoch() >= 0;
        boolean moved =
                answer.highWatermark() != state.highWatermark || answer.logStartOffset() != state.logStartOffset;
        boolean news = first || records || error || diverging || moved || !state.sent;
        if (news) {
            state.sent = !error;
            state.highWatermark = answer.highWatermark();
            state.logStartOffset = answer.logStartOffset();
        }
        if (records || first) {
            partitions.remove(key);
            partitions.put(key, state);
        }
        return news;
    }
}
