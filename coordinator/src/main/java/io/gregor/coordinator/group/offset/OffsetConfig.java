package io.gregor.coordinator.group.offset;

/** The broker's settings for committed offsets, under Kafka's names. */
public record OffsetConfig(int offsetMetadataBytesMax, long offsetsRetentionMs) {}
