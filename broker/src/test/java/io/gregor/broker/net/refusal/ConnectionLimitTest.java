package io.gregor.broker.net.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConnectionLimitTest {
    private final AtomicInteger others = new AtomicInteger(60);
    private final ConnectionLimit limit = new ConnectionLimit(200, others::get);

    private int addAll() {
        int added = 0;
        while (limit.tryAdd()) {
            added++;
        }
        return added;
    }

    @Test
    void aQuarterOfTheDescriptorsIsKeptForTheLog() {
        assertThat(addAll()).isEqualTo(200 - 50 - 60);
        limit.remove();
        assertThat(addAll()).isEqualTo(1);
    }

    @Test
    void whatTheLogHasOpenedMeanwhileIsNotTakenFromIt() {
        others.set(140);
        assertThat(addAll()).isEqualTo(10);
        others.set(180);
        limit.remove();
        assertThat(addAll()).isZero();
        others.set(0);
        assertThat(addAll()).isEqualTo(141);
    }

    @Test
    void theLimitIsWhatTheOperatingSystemSays() {
        String text = """
                Limit                     Soft Limit           Hard Limit           Units
                Max processes             63434                63434                processes
                Max open files            220                  1048576              files
                """;
        assertThat(ConnectionLimit.limit(text)).isEqualTo(220);
        assertThat(ConnectionLimit.limit("")).isEqualTo(Long.MAX_VALUE);
        assertThat(ConnectionLimit.limit("Max open files            unlimited            unlimited            files"))
                .isEqualTo(Long.MAX_VALUE);
    }
}
