package io.gregor.controller;

import io.gregor.wire.Uuid;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A topic: its partitions are numbered from 0 without gaps. Immutable. */
public record TopicImage(String name, Uuid id, List<PartitionImage> partitions) {
    /** The partition with that number, or null. */
    public @Nullable PartitionImage partition(int index) {
        return index < 0 || index >= partitions.size() ? null : partitions.get(index);
    }
}
