package io.gregor.log.segment;

/**
 * A transaction whose records are to be left out by who reads only what was committed.
 *
 * @param lastOffset of its marker
 * @param lastStableOffset where all was decided once it had ended: what comes at or after that may belong to
 *     transactions that end later
 */
public record AbortedTransaction(long producerId, long firstOffset, long lastOffset, long lastStableOffset) {}
