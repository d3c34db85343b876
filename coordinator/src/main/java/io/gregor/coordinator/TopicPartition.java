package io.gregor.coordinator;

/** A partition as groups name it. */
public record TopicPartition(String topic, int partition) {}
