package io.gregor.coordinator;

/** The broker's settings for groups. */
public record GroupConfig(ClassicGroupConfig classic, ConsumerGroupConfig consumer, OffsetConfig offsets) {}
