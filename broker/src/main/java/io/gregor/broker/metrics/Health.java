package io.gregor.broker.metrics;

import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the broker is in order, and whether clients are served, in words for whoever probes it. Thread-safe. Told by
 * the start and the stop of the broker how far it is; all else it looks at when it is asked.
 */
public final class Health {
    private volatile @Nullable String notServing = "the broker is starting";
    private volatile Supplier<List<String>> offlineDirs = List::of;
    private volatile IntSupplier loading = () -> 0;

    /** @param offlineDirs the names of log directories that are offline */
    public void watchDirs(Supplier<List<String>> offlineDirs) {
        this.offlineDirs = offlineDirs;
    }

    /**
     * Clients are accepted from now on.
     *
     * @param loading how many partitions of coordinators cannot be asked yet
     */
    public void serving(IntSupplier loading) {
        this.loading = loading;
        notServing = null;
    }

    /** The broker has begun to stop. */
    public void stopping() {
        notServing = "the broker is stopping";
    }

    /** Why it is not in order, in one line; null if it is. */
    @Nullable
    String ailment() {
        List<String> offline = offlineDirs.get();
        return offline.isEmpty() ? null : "offline log directories: " + String.join(", ", offline);
    }

    /** Why clients are not served yet, or not any more, in one line; null if they are. */
    @Nullable
    String obstacle() {
        String state = notServing;
        if (state != null) {
            return state;
        }
        int count = loading.getAsInt();
        return count == 0 ? null : "partitions of coordinators that are being loaded: " + count;
    }
}
