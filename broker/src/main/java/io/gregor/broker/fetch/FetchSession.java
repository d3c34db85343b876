package io.gregor.broker.fetch;

import io.gregor.broker.api.records.FetchHandler;
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

/**
 * What a client fetches again and again (KIP-227): later requests name the changes only, and answers leave out what did
 * not change. Guarded by its own lock; a client has one request in flight.
 */
public final class FetchSession {
    /** A partition as this session's client names it: by id from version 13 on, else by name. */
    public record Key(String topic, Uuid topicId, int partition) {}

    private static final class State {
        private FetchPartition wanted;
        private long highWatermark = -1;
        private long logStartOffset = -1;
        private boolean sent;

        State(FetchPartition wanted) {
            this.wanted = wanted;
        }
    }

    private final int id;
    private final boolean usesTopicIds;
    private final Map<Key, State> partitions = new LinkedHashMap<>();
    private int nextEpoch = 1;
    private long lastUsedMs;

    public FetchSession(int id, boolean usesTopicIds) {
        this.id = id;
        this.usesTopicIds = usesTopicIds;
    }

    public int id() {
        return id;
    }

    boolean usesTopicIds() {
        return usesTopicIds;
    }

    synchronized long lastUsedMs() {
        return lastUsedMs;
    }

    synchronized void used(long nowMs) {
        lastUsedMs = nowMs;
    }

    synchronized boolean isEmpty() {
        return partitions.isEmpty();
    }

    /** Whether the epoch is the one that is due; if so the next one becomes due. It wraps to 1. */
    synchronized boolean takeEpoch(int epoch) {
        if (epoch != nextEpoch) {
            return false;
        }
        nextEpoch = nextEpoch == Integer.MAX_VALUE ? 1 : nextEpoch + 1;
        return true;
    }

    /** Takes in what a request adds, changes and forgets. */
    public synchronized void update(FetchRequest request) {
        for (FetchTopic topic : request.topics()) {
            for (FetchPartition partition : topic.partitions()) {
                Key key = new Key(topic.topic(), topic.topicId(), partition.partition());
                State state = partitions.get(key);
                if (state == null) {
                    partitions.put(key, new State(partition));
                } else {
                    state.wanted = partition;
                }
            }
        }
        for (ForgottenTopic topic : request.forgottenTopicsData()) {
            topic.partitions().forEach(index -> partitions.remove(new Key(topic.topic(), topic.topicId(), index)));
        }
    }

    /** All that is to be fetched now, in the order in which it is their turn. */
    public synchronized List<FetchHandler.Wanted> wanted() {
        List<FetchHandler.Wanted> wanted = new ArrayList<>(partitions.size());
        partitions.forEach((key, state) -> wanted.add(new FetchHandler.Wanted(key, state.wanted)));
        return wanted;
    }

    /**
     * Whether that answer is news to the client, and notes that it is being told. A partition that got records goes to
     * the end of the line, so that the others get their turn.
     */
    public synchronized boolean tell(Key key, PartitionData answer, boolean always) {
        State state = partitions.get(key);
        if (state == null) {
            return always;
        }
        boolean records = answer.records() != null && answer.records().size() > 0;
        boolean error = answer.errorCode() != ErrorCode.NONE.code();
        boolean diverging = answer.divergingEpoch().epoch() >= 0;
        boolean moved =
                answer.highWatermark() != state.highWatermark || answer.logStartOffset() != state.logStartOffset;
        boolean news = always || records || error || diverging || moved || !state.sent;
        if (news) {
            state.sent = !error;
            state.highWatermark = answer.highWatermark();
            state.logStartOffset = answer.logStartOffset();
        }
        if (records) {
            partitions.remove(key);
            partitions.put(key, state);
        }
        return news;
    }
}
