package io.gregor.broker.net.limit;

import io.gregor.broker.memory.BoundedCache;
import io.gregor.broker.quota.WindowedRate;
import io.gregor.wire.ByteBudget;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How many connections were made lately, where there is a limit of that. Guarded by its own lock. What came before a
 * limit was set does not count. Of addresses those are forgotten that were not there for the time that counts, and
 * sooner those that were not there for the longest time, if there are too many.
 */
final class CreationRates {
    /** In memory, of an address and its rate, beside the windows. */
    private static final int ADDRESS_BYTES = 250;

    private final int windows;
    private final long windowMs;
    private final LongSupplier nowMs;
    private final WindowedRate ofBroker;
    private final Map<String, WindowedRate> ofListeners = new HashMap<>();
    private final BoundedCache<ByteBuffer, WindowedRate> ofAddresses;

    /**
     * @param nowMs may have any origin, and never goes back
     * @param memory for what is known of addresses
     */
    CreationRates(int windows, long windowMs, LongSupplier nowMs, ByteBudget memory) {
        this.windows = windows;
        this.windowMs = windowMs;
        this.nowMs = nowMs;
        this.ofBroker = newRate();
        this.ofAddresses = new BoundedCache<>(memory);
    }

    private WindowedRate newRate() {
        return new WindowedRate(windows, windowMs);
    }

    /**
     * Notes that a connection has come to a listener.
     *
     * @param isProtected whether the broker's limit does not hold for it
     * @return how many milliseconds it has to wait
     */
    synchronized int record(String listener, boolean isProtected, Limits limits) {
        int byBroker = isProtected ? 0 : record(ofBroker, limits.ofBroker());
        return Math.max(byBroker, record(ofListener(listener), limits.ofListener(listener)));
    }

    /**
     * Notes that it has come from an address. If it has to wait for that it has never come.
     *
     * @return how many milliseconds it has to wait
     */
    synchronized int record(ByteBuffer address, String listener, boolean isProtected, Limits limits) {
        int limit = limits.ofAddress(address);
        if (limit == Limits.NONE) {
            return 0;
        }
        WindowedRate rate = ofAddresses.computeIfAbsent(
                address, ADDRESS_BYTES + (long) WindowedRate.BYTES_OF_WINDOW * windows, this::newRate);
        int waitMs = record(rate, limit);
        if (waitMs > 0) {
            takeBack(rate, limit);
            takeBack(ofListener(listener), limits.ofListener(listener));
            if (!isProtected) {
                takeBack(ofBroker, limits.ofBroker());
            }
        }
        return waitMs;
    }

    private WindowedRate ofListener(String name) {
        return ofListeners.computeIfAbsent(name, unused -> newRate());
    }

    private int record(WindowedRate rate, int limit) {
        if (limit == Limits.NONE) {
            return 0;
        }
        long now = nowMs.getAsLong();
        rate.add(1, now);
        return (int) Math.min(rate.waitMs(limit, now), windowMs);
    }

    private void takeBack(WindowedRate rate, int limit) {
        if (limit != Limits.NONE) {
            rate.add(-1, nowMs.getAsLong());
        }
    }

    /** Forgets the addresses for which that changes nothing. */
    synchronized void forgetPast() {
        long now = nowMs.getAsLong();
        ofAddresses.removeIf(rate -> rate.isPast(now));
    }
}
