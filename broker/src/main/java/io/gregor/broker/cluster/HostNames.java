package io.gregor.broker.cluster;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Asks the name service for hosts. {@link #unknown} may take long, and runs on a thread of its own. Thread-safe.
 *
 * @param nanoTime measures how long that takes
 */
public record HostNames(LongSupplier nanoTime) {
    /** The name service is asked no longer than this for one request; what is not known then is unknown. */
    private static final long LONGEST_NS = 10_000_000_000L;

    /** Those that are no addresses. */
    static Set<String> toLookUp(Set<String> hosts) {
        Set<String> names = new HashSet<>(hosts);
        names.removeIf(host -> NetUtil.createByteArrayFromIpAddressString(host) != null);
        return names;
    }

    /** Those that the name service does not know. */
    Set<String> unknown(Set<String> names) {
        long began = nanoTime.getAsLong();
        Set<String> unknown = new HashSet<>();
        for (String name : names) {
            if (nanoTime.getAsLong() - began > LONGEST_NS || !isKnown(name)) {
                unknown.add(name);
            }
        }
        return unknown;
    }

    private static boolean isKnown(String name) {
        try {
            return InetAddress.getByName(name) != null;
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
