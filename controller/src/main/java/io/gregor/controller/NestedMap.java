package io.gregor.controller;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A map of maps that shares with the image before it all that does not change. Confined to one thread. Its order is
 * that of {@link HashMap}, as in Apache Kafka: clients see it.
 */
final class NestedMap<K, N, V> {
    private final Map<K, Map<N, V>> all;
    /** Keys whose inner map has been copied, and may be written. */
    private final Set<K> copied = new HashSet<>();

    NestedMap(Map<K, Map<N, V>> before) {
        all = new HashMap<>(before);
    }

    void put(K key, N name, V value) {
        writable(key).put(name, value);
    }

    /** An inner map that becomes empty goes with its last value. */
    void remove(K key, N name) {
        if (all.containsKey(key)) {
            Map<N, V> values = writable(key);
            values.remove(name);
            if (values.isEmpty()) {
                removeAll(key);
            }
        }
    }

    void removeAll(K key) {
        all.remove(key);
        copied.remove(key);
    }

    private Map<N, V> writable(K key) {
        if (copied.add(key)) {
            all.put(key, new HashMap<>(all.getOrDefault(key, Map.of())));
        }
        return all.getOrDefault(key, Map.of());
    }

    /** Forgets all changes, and goes on from that image. */
    void replaceAll(Map<K, Map<N, V>> image) {
        all.clear();
        copied.clear();
        all.putAll(image);
    }

    /** An immutable view; nothing may be changed afterwards. */
    Map<K, Map<N, V>> freeze() {
        for (K key : copied) {
            all.computeIfPresent(key, (same, values) -> Collections.unmodifiableMap(values));
        }
        copied.clear();
        return Collections.unmodifiableMap(all);
    }
}
