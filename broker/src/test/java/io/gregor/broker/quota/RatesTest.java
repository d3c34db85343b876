package io.gregor.broker.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Quota;
import org.apache.kafka.common.metrics.stats.Rate;
import org.junit.jupiter.api.Test;

/** Rates and token buckets against Apache Kafka's own, in histories by seed. */
class RatesTest {
    private static final int SEEDS = 500;
    private static final int STEPS = 100;

    @Test
    void ratesAreThoseOfApacheKafka() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            int windows = 1 + random.nextInt(12);
            int seconds = 1 + random.nextInt(2);
            MetricConfig config = new MetricConfig().samples(windows).timeWindow(seconds, TimeUnit.SECONDS);
            Rate theirs = new Rate();
            WindowedRate ours = new WindowedRate(windows, 1_000L * seconds);
            long now = 1_700_000_000_000L;
            for (int step = 0; step < STEPS; step++) {
                now += random.nextInt(10) == 0 ? random.nextInt(30_000) : random.nextInt(1_500);
                double amount = random.nextInt(1_000) - 100.0;
                theirs.record(config, amount, now);
                ours.add(amount, now);
                now += random.nextInt(3) == 0 ? random.nextInt(5_000) : 0;
                assertThat(ours.rate(now))
                        .as("seed %s step %s", seed, step)
                        .isCloseTo(theirs.measure(config, now), within(1e-6));
                assertThat(ours.spanMs(now))
                        .as("seed %s step %s", seed, step)
                        .isEqualTo(theirs.windowSize(config, now));
            }
        }
    }

    @Test
    void tokensAreThoseOfApacheKafka() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            int windows = 1 + random.nextInt(12);
            double rate = 0.5 + random.nextInt(20);
            MetricConfig config = new MetricConfig()
                    .samples(windows)
                    .timeWindow(1, TimeUnit.SECONDS)
                    .quota(new Quota(rate, true));
            org.apache.kafka.common.metrics.stats.TokenBucket theirs =
                    new org.apache.kafka.common.metrics.stats.TokenBucket();
            TokenBucket ours = new TokenBucket(windows);
            long now = 1_700_000_000_000L;
            for (int step = 0; step < STEPS; step++) {
                now += random.nextInt(3_000);
                int amount = random.nextInt(30);
                theirs.record(config, amount, now);
                ours.take(amount, rate, now);
                now += random.nextInt(1_000);
                double tokens = theirs.measure(config, now);
                assertThat(ours.tokens(rate, now))
                        .as("seed %s step %s", seed, step)
                        .isCloseTo(tokens, within(1e-6));
                assertThat(ours.waitMs(rate, now)).isEqualTo(tokens < 0 ? Math.round(-tokens / rate * 1000) : 0);
            }
        }
    }
}
