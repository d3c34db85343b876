package io.gregor.coordinator.group.shard;

import io.gregor.coordinator.group.classic.ClassicGroupConfig;
import io.gregor.coordinator.group.consumer.ConsumerGroupConfig;
import io.gregor.coordinator.group.offset.OffsetConfig;

/** The broker's settings for groups. */
public record GroupConfig(ClassicGroupConfig classic, ConsumerGroupConfig consumer, OffsetConfig offsets) {}
