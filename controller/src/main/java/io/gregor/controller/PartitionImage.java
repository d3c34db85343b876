package io.gregor.controller;

import java.util.List;

/** Who holds a partition, who leads it, and in which epoch. Immutable. */
public record PartitionImage(
        int index, List<Integer> replicas, List<Integer> isr, int leader, int leaderEpoch, int partitionEpoch) {}
