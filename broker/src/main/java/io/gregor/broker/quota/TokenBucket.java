package io.gregor.broker.quota;

/**
 * Tokens that come at a rate, up to a burst of so many seconds' worth. Taking may leave fewer than none: the next one
 * waits until they are back. Confined to whoever holds it.
 */
final class TokenBucket {
    private final double burstSeconds;
    private double tokens;
    private long updatedMs;

    TokenBucket(double burstSeconds) {
        this.burstSeconds = burstSeconds;
    }

    void take(double amount, double rate, long nowMs) {
        tokens = Math.min(burstSeconds * rate, tokens(rate, nowMs) - amount);
    }

    double tokens(double rate, long nowMs) {
        tokens = Math.min(burstSeconds * rate, tokens + rate * ((nowMs - updatedMs) / 1000.0));
        updatedMs = nowMs;
        return tokens;
    }

    /** How long it takes until there is no debt any more. */
    long waitMs(double rate, long nowMs) {
        double debt = -tokens(rate, nowMs);
        return debt > 0 ? Math.round(debt / rate * 1000) : 0;
    }
}
