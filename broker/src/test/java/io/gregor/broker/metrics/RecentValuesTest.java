package io.gregor.broker.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecentValuesTest {
    private static final double[] PARTS = {0.5, 0.75, 0.95, 0.98, 0.99, 0.999};
    private static final int SEEDS = 200;

    private final RecentValues values = new RecentValues();

    @Test
    void quantilesAreCloseToTheExactOnes() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            RecentValues observed = new RecentValues();
            int bits = 1 + random.nextInt(43);
            long[] exact =
                    random.longs(1 + random.nextInt(3_000), 0, 1L << bits).toArray();
            for (long value : exact) {
                observed.observe(value, random.nextLong(RecentValues.PERIOD_NANOS));
            }
            Arrays.sort(exact);
            double[] quantiles = observed.quantiles(PARTS, 0);
            for (int i = 0; i < PARTS.length; i++) {
                long expected = exact[(int) Math.ceil(PARTS[i] * exact.length) - 1];
                assertThat(quantiles[i])
                        .as("seed %d, quantile %s", seed, PARTS[i])
                        .isCloseTo((double) expected, within((double) expected * RecentValues.ERROR_PERCENT / 100.0));
            }
            assertThat(observed.sum()).isEqualTo(Arrays.stream(exact).sum());
            assertThat(observed.count()).isEqualTo(exact.length);
        }
    }

    @Test
    void largeValuesAreCountedAsTheLargest() {
        values.observe(Long.MAX_VALUE, 0);
        double max = RecentValues.VALUE_MAX;
        assertThat(values.quantiles(PARTS, 0)[0]).isCloseTo(max, within(max * RecentValues.ERROR_PERCENT / 100));
    }

    @Test
    void quantilesForgetWhatIsOlderThanFiveMinutes() {
        long begin = -10 * RecentValues.PERIOD_NANOS;
        assertThat(values.quantiles(PARTS, begin)).containsOnly(Double.NaN);
        values.observe(7, begin);
        values.observe(9, begin + RecentValues.PERIOD_NANOS);
        assertThat(values.quantiles(new double[] {0.5, 1}, begin + RecentValues.PERIOD_NANOS))
                .containsExactly(7, 9);
        assertThat(values.quantiles(new double[] {0.5, 1}, begin + 2 * RecentValues.PERIOD_NANOS))
                .containsExactly(9, 9);
        assertThat(values.quantiles(PARTS, begin + 3 * RecentValues.PERIOD_NANOS))
                .containsOnly(Double.NaN);
        assertThat(values.count()).isEqualTo(2);
        assertThat(values.sum()).isEqualTo(16);
    }

    @Test
    void noObservationIsLostBesideOthers() {
        long each = 100_000;
        IntStream.range(0, 4).parallel().forEach(thread -> {
            for (int i = 0; i < each; i++) {
                values.observe(thread, 0);
            }
        });
        assertThat(values.count()).isEqualTo(4 * each);
        assertThat(values.quantiles(new double[] {0.25, 0.5, 0.75, 1}, 0)).containsExactly(0, 1, 2, 3);
    }
}
