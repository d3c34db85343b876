package io.gregor.coordinator.runtime;

/** A partition as groups name it. Immutable; ordered, so that names of one hash value do not make look-ups slow. */
public record TopicPartition(String topic, int partition) implements Comparable<TopicPartition> {
    @Override
    public int compareTo(TopicPartition that) {
        int byTopic = topic.compareTo(that.topic);
        return byTopic != 0 ? byTopic : Integer.compare(partition, that.partition);
    }
}
