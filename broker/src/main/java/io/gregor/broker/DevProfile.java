package io.gregor.broker;

import io.gregor.broker.config.Profile;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What {@code gregor start --dev} says in place of whoever says nothing: what people set by hand to develop and test.
 * Immutable. The launcher gives the JVM a smaller heap, too.
 */
final class DevProfile {
    static final Profile KEYS = new Profile(keys());

    private DevProfile() {}

    private static Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        // A group begins at once, not three seconds after its first member has come.
        keys.put("group.initial.rebalance.delay.ms", "0");
        // Few files, and little to load at a start.
        keys.put("offsets.topic.num.partitions", "3");
        keys.put("transaction.state.log.num.partitions", "3");
        keys.put("auto.create.topics.enable", "true");
        // What is deleted gives its room back soon.
        keys.put("log.segment.delete.delay.ms", "1000");
        return keys;
    }
}
