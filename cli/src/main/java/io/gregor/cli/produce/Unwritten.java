package io.gregor.cli.produce;

import io.gregor.cli.client.ClientException;
import java.util.Iterator;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The lines of which no broker said that it has them, and why the first failed. Confined to the main thread. */
final class Unwritten {
    private static final int RANGES_MAX = 10;

    private final SortedSet<Long> numbers = new TreeSet<>();
    private @Nullable ClientException reason;
    private long failed;

    /**
     * These lines were not acknowledged.
     *
     * @param line the one to blame, or the first of several
     */
    void add(Iterable<Batch> batches, long line, ClientException why) {
        for (Batch batch : batches) {
            batch.lines().forEach(one -> numbers.add(one.number()));
        }
        if (reason == null || line < failed) {
            reason = why;
            failed = line;
        }
    }

    /** @throws ClientException if there are any */
    void throwIfAny() {
        if (reason != null) {
            String others = numbers.size() > 1 ? "; not acknowledged: lines " + ranges() : "";
            throw new ClientException("line " + failed + ": " + reason.getMessage() + others, reason);
        }
    }

    private String ranges() {
        StringBuilder text = new StringBuilder();
        Iterator<Long> rest = numbers.iterator();
        long first = rest.next();
        long last = first;
        int count = 0;
        while (rest.hasNext()) {
            long next = rest.next();
            if (next != last + 1) {
                if (++count == RANGES_MAX) {
                    return text + "... up to " + numbers.last();
                }
                text.append(range(first, last)).append(", ");
                first = next;
            }
            last = next;
        }
        return text + range(first, last);
    }

    private static String range(long first, long last) {
        return first == last ? String.valueOf(first) : first + "-" + last;
    }
}
