package io.gregor.broker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.net.LocalPeer;
import io.gregor.broker.net.RequestContext;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Uuid;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** However many clients ask for their subscriptions, and whatever their names, what is known of them has a bound. */
class ClientTelemetryTest {
    private static final String LONG_NAME = "c".repeat(32_000);

    private final ByteBudget memory = new ByteBudget("instances", 1 << 20);
    private final ManualTime time = new ManualTime();
    private final ClientTelemetry telemetry = new ClientTelemetry(
            BrokerConfig.of(Map.of()), new ClusterMetadata(), time, new Random(1), null, Runnable::run, memory);

    private static RequestContext from(String clientId, LocalPeer peer) {
        return peer.asks((short) 0, 100, clientId, new ManualLane());
    }

    @Test
    void clientsWithLongNamesHaveABound() {
        LocalPeer peer = new LocalPeer("PLAINTEXT");
        ClientInstance busy = telemetry.instance(new Uuid(7, 7), from("busy", peer));
        for (int i = 0; i < 1000; i++) {
            telemetry.instance(new Uuid(1, i), from(LONG_NAME + i, peer));
            assertThat(telemetry.instance(new Uuid(7, 7), from("busy", peer))).isSameAs(busy);
        }
        assertThat(memory.used()).isBetween(memory.limit() / 2, memory.limit());
    }

    @Test
    void thoseThatAreSilentOrGoneGiveTheirMemoryBack() {
        LocalPeer peer = new LocalPeer("PLAINTEXT");
        telemetry.instance(new Uuid(1, 1), from("a", peer));
        telemetry.disconnected(peer);
        assertThat(memory.used()).isZero();
        telemetry.instance(new Uuid(1, 2), from("b", peer));
        time.advance(86_400_000);
        telemetry.forgetSilent();
        assertThat(memory.used()).isZero();
    }
}
