package io.gregor.controller;

/** How many partitions one request may still create or delete (KIP-599). Used on the controller's thread. */
@FunctionalInterface
public interface MutationQuota {
    MutationQuota UNLIMITED = partitions -> true;

    /** Whose quota it is. */
    @FunctionalInterface
    interface Source {
        Source UNLIMITED = (clientId, strict) -> MutationQuota.UNLIMITED;

        /** @param strict whether what is too much is refused; older versions of requests are only delayed */
        MutationQuota of(String clientId, boolean strict);
    }

    /** Takes so many; false if the client has to wait first. */
    boolean take(int partitions);

    /** How many milliseconds the client has to wait before its next request. */
    default int throttleMs() {
        return 0;
    }
}
