package io.gregor.controller.operation;

import java.util.function.BooleanSupplier;

/**
 * What the only node of the cluster is set to.
 *
 * @param defaultPartitions of topics that are created with a count of -1
 * @param defaultReplicationFactor of topics that are created with -1
 * @param allCordoned whether no log directory takes new partitions; those that are assigned by hand are made
 *     nevertheless
 */
public record NodeSettings(
        int nodeId, int defaultPartitions, short defaultReplicationFactor, BooleanSupplier allCordoned) {}
