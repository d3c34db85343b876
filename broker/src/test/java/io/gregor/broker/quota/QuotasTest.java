package io.gregor.broker.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.controller.ClientQuotas;
import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.QuotaEntity;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** However clients call themselves, what is known of them has a bound. */
class QuotasTest {
    private static final String LONG_NAME = "c".repeat(32_000);
    private static final long HOUR = 3_600_000;

    private final ManualTime time = new ManualTime();
    private final ClusterMetadata metadata = new ClusterMetadata();
    private final ByteBudget memory = new ByteBudget("quotas", 1 << 20);
    private final Quotas quotas = new Quotas(BrokerConfig.of(Map.of()), metadata, time, System::nanoTime, memory);

    @BeforeEach
    void limitEverybody() {
        QuotaEntity everybody = new QuotaEntity(Collections.singletonMap(QuotaEntity.CLIENT_ID, null));
        MetadataImage limited = ImageChange.apply(
                MetadataImage.EMPTY,
                List.of(ClientQuotas.record(everybody, "producer_byte_rate").value(1000)));
        metadata.published(MetadataImage.EMPTY, limited, 1);
    }

    private int use(String clientId, double bytes) {
        return quotas.use(QuotaKind.PRODUCE, clientId, bytes);
    }

    @Test
    void clientsWithLongNamesHaveABound() {
        for (int i = 0; i < 1000; i++) {
            assertThat(use(LONG_NAME + i, 1)).isZero();
        }
        assertThat(memory.used()).isBetween(memory.limit() / 2, memory.limit());
    }

    @Test
    void whoIsHereAllTheTimeIsHeldToTheQuotaWhoeverElseComes() {
        for (int i = 0; i < 1000; i++) {
            use("busy", 100);
            use(LONG_NAME + i, 1);
        }
        assertThat(use("busy", 0)).isPositive();
        assertThat(use("other", 0)).isZero();
    }

    @Test
    void whoWasNotHereForAnHourIsForgotten() {
        use("a", 1);
        time.advance(HOUR);
        use("b", 1);
        quotas.forgetIdle();
        assertThat(memory.used()).isPositive();
        time.advance(HOUR + 1);
        quotas.forgetIdle();
        assertThat(memory.used()).isZero();
    }
}
