package io.gregor.controller;

/** A feature that this node has, at these levels (KIP-584). */
public record SupportedFeature(String name, short lowest, short highest) {
    public static final String ELIGIBLE_LEADER_REPLICAS_VERSION = "eligible.leader.replicas.version";
    public static final String METADATA_VERSION = "metadata.version";
    public static final String GROUP_VERSION = "group.version";
    public static final String KRAFT_VERSION = "kraft.version";
    public static final String TRANSACTION_VERSION = "transaction.version";
}
