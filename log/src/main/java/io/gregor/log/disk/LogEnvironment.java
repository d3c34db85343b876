package io.gregor.log.disk;

import io.gregor.wire.ByteBudget;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * What a log needs of the world around it. Immutable.
 *
 * @param producers what the producers that all partitions remember may take
 */
public record LogEnvironment(
        Disk disk, InstantSource clock, RandomGenerator random, Background background, ByteBudget producers) {
    /** Remembers all producers until they expire. */
    public LogEnvironment(Disk disk, InstantSource clock, RandomGenerator random, Background background) {
        this(disk, clock, random, background, new ByteBudget("producers", Long.MAX_VALUE));
    }

    public LogEnvironment on(Disk other) {
        return new LogEnvironment(other, clock, random, background, producers);
    }

    /** Runs what may wait for the disk, away from all lanes, one task at a time. */
    @FunctionalInterface
    public interface Background {
        /** Runs the task once the delay has passed, or never if the broker stops before. */
        void run(Runnable task, long delayMs);
    }
}
