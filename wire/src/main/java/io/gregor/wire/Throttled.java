package io.gregor.wire;

/** A response that tells its client how long it is going to be throttled (KIP-219). */
public interface Throttled extends Message {
    int throttleTimeMs();

    Throttled throttleTimeMs(int ms);
}
