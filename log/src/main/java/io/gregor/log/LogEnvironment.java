package io.gregor.log;

import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** What a log needs of the world around it. */
public record LogEnvironment(Disk disk, InstantSource clock, RandomGenerator random, Background background) {
    LogEnvironment on(Disk other) {
        return new LogEnvironment(other, clock, random, background);
    }

    /** Runs what may wait for the disk, away from all lanes, one task at a time. */
    @FunctionalInterface
    public interface Background {
        /** Runs the task once the delay has passed, or never if the broker stops before. */
        void run(Runnable task, long delayMs);
    }
}
