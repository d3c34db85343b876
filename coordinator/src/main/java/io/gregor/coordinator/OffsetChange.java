package io.gregor.coordinator;

/** An offset that is to be committed for a partition. */
record OffsetChange(TopicPartition partition, CommittedOffset committed) {}
