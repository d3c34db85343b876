package io.gregor.broker.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;

/**
 * Transactions on disks that fail, by seed: what was acknowledged is there once and in order, a transaction is visible
 * as a whole or not at all, and ends when the disks work again. Apart from the network it is all real: partitions,
 * logs, both coordinators' journals, markers.
 */
class TransactionsOnFailingDisksTest {
    /** Other seeds than those of each build: {@code compat-tests/run nightly} takes some at random. */
    private static final int FIRST = Integer.getInteger("seeds.from", 0);

    private static final int SEEDS = Integer.getInteger("disks.transactions", 100);

    @Test
    void nothingAcknowledgedIsLostAndEachTransactionEndsWhole() {
        int ended = 0;
        // One thread, also for what a start does on several.
        ForkJoinPool thread = new ForkJoinPool(1);
        try {
            for (int seed = FIRST; seed < FIRST + SEEDS; seed++) {
                int own = seed;
                Ledger ledger = thread.submit(() -> run(own)).join();
                ended += ledger.count(SentTransaction.Outcome.COMMITTED);
                ended += ledger.count(SentTransaction.Outcome.ABORTED);
            }
        } finally {
            thread.shutdown();
        }
        assertThat(ended).isGreaterThan(SEEDS * 5);
    }

    private static Ledger run(long seed) {
        try {
            Simulation simulation = new Simulation(seed);
            simulation.run();
            return simulation.ledger();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        } catch (IOException e) {
            throw new UncheckedIOException("seed " + seed, e);
        }
    }
}
