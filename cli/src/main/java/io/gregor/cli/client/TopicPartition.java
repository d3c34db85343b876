package io.gregor.cli.client;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** One partition of a topic, by name. Immutable. */
public record TopicPartition(String topic, int partition) implements Comparable<TopicPartition> {
    private static final Comparator<TopicPartition> ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    @Override
    public int compareTo(TopicPartition that) {
        return ORDER.compare(this, that);
    }

    // Written out, since the ones that a record gets are linked at run time.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TopicPartition that && partition == that.partition && topic.equals(that.topic);
    }

    @Override
    public int hashCode() {
        return topic.hashCode() * 31 + partition;
    }

    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
