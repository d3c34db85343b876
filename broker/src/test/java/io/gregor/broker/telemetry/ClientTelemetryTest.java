package io.gregor.broker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.net.ClientSoftware;
import io.gregor.broker.net.Peer;
import io.gregor.broker.net.RequestContext;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Uuid;
import java.net.InetSocketAddress;
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

    private static RequestContext from(String clientId, Peer peer) {
        return new RequestContext((short) 0, 100, clientId, peer, new ManualLane());
    }

    /** A connection. */
    private static final class OnePeer implements Peer {
        private ClientSoftware software = ClientSoftware.UNKNOWN;

        @Override
        public InetSocketAddress address() {
            return new InetSocketAddress("127.0.0.1", 40_000);
        }

        @Override
        public String listener() {
            return "PLAINTEXT";
        }

        @Override
        public ClientSoftware software() {
            return software;
        }

        @Override
        public void software(ClientSoftware said) {
            software = said;
        }
    }

    @Test
    void clientsWithLongNamesHaveABound() {
        Peer peer = new OnePeer();
        ClientInstance busy = telemetry.instance(new Uuid(7, 7), from("busy", peer));
        for (int i = 0; i < 1000; i++) {
            telemetry.instance(new Uuid(1, i), from(LONG_NAME + i, peer));
            assertThat(telemetry.instance(new Uuid(7, 7), from("busy", peer))).isSameAs(busy);
        }
        assertThat(memory.used()).isBetween(memory.limit() / 2, memory.limit());
    }

    @Test
    void thoseThatAreSilentOrGoneGiveTheirMemoryBack() {
        Peer peer = new OnePeer();
        telemetry.instance(new Uuid(1, 1), from("a", peer));
        telemetry.disconnected(peer);
        assertThat(memory.used()).isZero();
        telemetry.instance(new Uuid(1, 2), from("b", peer));
        time.advance(86_400_000);
        telemetry.forgetSilent();
        assertThat(memory.used()).isZero();
    }
}
