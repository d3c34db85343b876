package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.runtime.TopicPartition;

/** An offset that is to be committed for a partition. */
record OffsetChange(TopicPartition partition, CommittedOffset committed) {}
