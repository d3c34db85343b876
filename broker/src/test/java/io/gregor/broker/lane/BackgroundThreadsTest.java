package io.gregor.broker.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BackgroundThreadsTest {
    private static final long LONG_ENOUGH_SECONDS = 60;

    @Test
    void aPeriodicTaskThatThrowsRunsAgain() throws Exception {
        BackgroundThreads threads = new BackgroundThreads();
        CountDownLatch runs = new CountDownLatch(3);
        try {
            threads.every(1, () -> {
                runs.countDown();
                throw new IllegalStateException("thrown by the test");
            });
            assertThat(runs.await(LONG_ENOUGH_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            threads.close();
        }
    }
}
