package io.gregor.coordinator;

/** The broker's settings for groups, under Kafka's names. */
public record GroupConfig(
        int minSessionTimeoutMs,
        int maxSessionTimeoutMs,
        int initialRebalanceDelayMs,
        int maxSize,
        int offsetMetadataBytesMax,
        long offsetsRetentionMs,
        ConsumerGroupConfig consumer) {}
