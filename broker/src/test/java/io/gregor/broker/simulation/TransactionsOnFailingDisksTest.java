package io.gregor.broker.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
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
    /** CI adds one that each commit has for itself. */
    private static final @Nullable Integer NEW = Integer.getInteger("seeds.new");

    @Test
    void nothingAcknowledgedIsLostAndEachTransactionEndsWhole() {
        int ended = 0;
        // One thread, also for what a start does on several.
        ForkJoinPool thread = new ForkJoinPool(1);
        try {
            for (int seed : seeds()) {
                ended += ended(thread, seed);
            }
        } finally {
            thread.shutdown();
        }
        assertThat(ended).isGreaterThan(SEEDS * 5);
    }

    private static List<Integer> seeds() {
        IntStream same = IntStream.range(FIRST, FIRST + SEEDS);
        return IntStream.concat(same, NEW == null ? IntStream.empty() : IntStream.of(NEW))
                .boxed()
                .toList();
    }

    private static int ended(ForkJoinPool thread, int seed) {
        try {
            Ledger ledger = thread.submit(() -> run(seed)).join();
            return ledger.count(SentTransaction.Outcome.COMMITTED) + ledger.count(SentTransaction.Outcome.ABORTED);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static Ledger run(long seed) {
        try {
            Simulation simulation = new Simulation(seed);
            simulation.run();
            return simulation.ledger();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
