package io.gregor.coordinator.runtime;

/** A partition as groups name it. */
public record TopicPartition(String topic, int partition) {}
