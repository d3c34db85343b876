package io.gregor.controller;

/** How many partitions a client may still create or delete (KIP-599). */
@FunctionalInterface
public interface MutationQuota {
    MutationQuota UNLIMITED = partitions -> true;

    /** Takes so many; false if the client has to wait first. */
    boolean take(int partitions);
}
