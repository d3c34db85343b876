package io.gregor.broker.api.admin;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Names that a request has more than once: an error of the request, whoever asks, and so no access is asked for them.
 * Immutable.
 */
record Repeated(Set<Object> names) {
    static Repeated in(Stream<?> names) {
        Set<Object> seen = new HashSet<>();
        Set<Object> repeated = new HashSet<>();
        names.forEach(name -> {
            if (!seen.add(name)) {
                repeated.add(name);
            }
        });
        return new Repeated(repeated);
    }

    boolean contains(Object name) {
        return names.contains(name);
    }

    boolean isAny() {
        return !names.isEmpty();
    }
}
