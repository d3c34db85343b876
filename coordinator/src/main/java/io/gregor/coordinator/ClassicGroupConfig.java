package io.gregor.coordinator;

/** The broker's settings for classic groups, under Kafka's names. */
public record ClassicGroupConfig(
        int minSessionTimeoutMs, int maxSessionTimeoutMs, int initialRebalanceDelayMs, int maxSize) {}
