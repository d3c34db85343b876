package io.gregor.coordinator.group.classic;

/** The broker's settings for classic groups, under Kafka's names. */
public record ClassicGroupConfig(
        int minSessionTimeoutMs, int maxSessionTimeoutMs, int initialRebalanceDelayMs, int maxSize) {}
