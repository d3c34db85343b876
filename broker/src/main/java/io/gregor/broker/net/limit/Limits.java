package io.gregor.broker.net.limit;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many of something there may be. Immutable. A limit that is not set is {@link #NONE}.
 *
 * @param ofBroker at all listeners together
 * @param ofListeners by name
 * @param ofAddress from each address that has no limit of its own
 * @param ofAddresses by {@link OpenConnections#key}
 */
record Limits(int ofBroker, Map<String, Integer> ofListeners, int ofAddress, Map<ByteBuffer, Integer> ofAddresses) {
    static final int NONE = Integer.MAX_VALUE;

    Limits {
        ofListeners = Map.copyOf(ofListeners);
        ofAddresses = new TreeMap<>(ofAddresses);
    }

    int ofListener(String name) {
        return ofListeners.getOrDefault(name, NONE);
    }

    int ofAddress(ByteBuffer address) {
        return ofAddresses.getOrDefault(address, ofAddress);
    }
}
