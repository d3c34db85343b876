package io.gregor.broker.replica;

import io.gregor.wire.message.ErrorCode;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What went into and out of one topic, or of all topics, since it is counted. Thread-safe. */
public final class TopicTraffic {
    /** What is counted, by the name that Apache Kafka's metrics have for it, in lower case. */
    public enum Kind {
        MESSAGESIN("Records that were appended"),
        BYTESIN("Of records that were appended, as they are stored"),
        BYTESOUT("Of records that were fetched"),
        BYTESREJECTED("Of batches that were too large"),
        TOTALPRODUCEREQUESTS("Batches that were to be appended"),
        TOTALFETCHREQUESTS("Partitions that were to be read, once a request"),
        FAILEDPRODUCEREQUESTS("Batches that were refused for what is in them, or for a fault"),
        FAILEDFETCHREQUESTS("Partitions that could not be read, for a fault");

        private final String help;

        Kind(String help) {
            this.help = help;
        }

        public String help() {
            return help;
        }
    }

    private final String topic;
    private final @Nullable TopicTraffic all;
    private final LongAdder[] counts = new LongAdder[Kind.values().length];

    /** @param all counts what this counts, too; null if this is of all topics */
    TopicTraffic(String topic, @Nullable TopicTraffic all) {
        this.topic = topic;
        this.all = all;
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new LongAdder();
        }
    }

    public String topic() {
        return topic;
    }

    /** A batch was appended, or was there before: its producer sent it again. */
    void appended(long bytes, long records) {
        add(Kind.TOTALPRODUCEREQUESTS, 1);
        add(Kind.BYTESIN, bytes);
        add(Kind.MESSAGESIN, records);
    }

    /** A batch was not appended. As in Kafka, errors that clients and disks are known for are no failures. */
    public void refused(ErrorCode error, long bytes) {
        add(Kind.TOTALPRODUCEREQUESTS, 1);
        switch (error) {
            case MESSAGE_TOO_LARGE -> add(Kind.BYTESREJECTED, bytes);
            case CORRUPT_MESSAGE,
                    INVALID_TOPIC_EXCEPTION,
                    KAFKA_STORAGE_ERROR,
                    NOT_LEADER_OR_FOLLOWER,
                    UNKNOWN_TOPIC_OR_PARTITION -> {}
            default -> add(Kind.FAILEDPRODUCEREQUESTS, 1);
        }
    }

    public void add(Kind kind, long count) {
        counts[kind.ordinal()].add(count);
        if (all != null) {
            all.add(kind, count);
        }
    }

    public long count(Kind kind) {
        return counts[kind.ordinal()].sum();
    }
}
