package io.gregor.coordinator.transaction;

import java.util.function.IntSupplier;

/**
 * The broker's settings for transactions, under Kafka's names.
 *
 * @param version the level of the cluster's feature {@code transaction.version}
 */
public record TransactionConfig(int maxTimeoutMs, long idExpirationMs, boolean twoPhaseCommit, IntSupplier version) {}
