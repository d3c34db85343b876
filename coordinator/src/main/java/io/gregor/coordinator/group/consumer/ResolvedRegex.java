package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.runtime.Footprint;
import java.util.Set;

/**
 * The topics that a regular expression matches.
 *
 * @param version that of the metadata when it was resolved
 */
record ResolvedRegex(Set<String> topics, long version, long resolvedMs) {
    static final ResolvedRegex NONE = new ResolvedRegex(Set.of(), 0, Long.MIN_VALUE);

    /** What it takes under that regular expression, in bytes. */
    long bytes(String regex) {
        long bytes = Footprint.of(regex) + Footprint.ENTRY + 2 * Footprint.OBJECT;
        for (String topic : topics) {
            bytes += Footprint.of(topic) + Footprint.NUMBER;
        }
        return bytes;
    }
}
