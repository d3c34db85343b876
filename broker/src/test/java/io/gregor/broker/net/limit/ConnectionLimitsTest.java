package io.gregor.broker.net.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.SecurityProtocol;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.net.refusal.ConnectionLimit;
import io.gregor.broker.net.refusal.RefusedClients;
import io.gregor.controller.ClientQuotas;
import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.QuotaEntity;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Message;
import io.gregor.wire.message.ConfigRecord;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which connections are served, which wait and which are closed, on time that is moved by hand. */
class ConnectionLimitsTest {
    private static final String HERE = "127.0.0.1";
    private static final String THERE = "10.0.0.9";
    private static final Map<String, String> TWO_LISTENERS = Map.of(
            "listeners",
            "PLAINTEXT://localhost:1,EXTERNAL://localhost:2",
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,EXTERNAL:PLAINTEXT");

    private final ManualTime time = new ManualTime();
    private final ByteBudget memory = new ByteBudget("addresses", 1 << 20);
    private final Deque<Runnable> lookups = new ArrayDeque<>();
    private final List<String> log = new ArrayList<>();
    private final RefusedClients refused =
            new RefusedClients("PLAINTEXT", SecurityProtocol.PLAINTEXT, () -> 0, log::add);
    private MetadataImage image = MetadataImage.EMPTY;
    private ConnectionLimits limits = limits(Map.of());

    /** A connection from some address. */
    private static final class Client extends EmbeddedChannel {
        private final String address;

        Client(String address) {
            this.address = address;
        }

        @Override
        protected SocketAddress remoteAddress0() {
            return new InetSocketAddress(address, 40_000);
        }

        /** It asks for something. */
        void ask() {
            writeInbound("request");
        }
    }

    /** A listener, and who is served there. */
    private final class Side extends ChannelInboundHandlerAdapter {
        private final List<Object> served = new ArrayList<>();
        private final EmbeddedChannel channel;

        Side(String listener) {
            ConnectionLimit descriptors = ConnectionLimit.ofProcess(() -> 0);
            channel = new EmbeddedChannel(
                    limits.gate(listener, refused, () -> descriptors, loop -> new ManualLane(time)), this);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            served.add(message);
        }

        Client connect(String address) {
            Client client = new Client(address);
            channel.pipeline().fireChannelRead(client);
            return client;
        }

        /** How many are served of so many that come at once. */
        int served(int count, String address) {
            return (int) Stream.generate(() -> connect(address))
                    .limit(count)
                    .filter(served::contains)
                    .count();
        }

        boolean accepts() {
            return channel.config().isAutoRead();
        }
    }

    private ConnectionLimits limits(Map<String, String> given) {
        ConnectionLimits made =
                new ConnectionLimits(BrokerConfig.of(given), () -> time.millis() * 1_000_000, memory, lookups::add);
        made.load(MetadataImage.EMPTY);
        return made;
    }

    private void change(Message record) {
        MetadataImage before = image;
        image = ImageChange.apply(before, List.of(record));
        limits.published(before, image, 1);
    }

    private void set(String key, @Nullable String value) {
        change(new ConfigRecord()
                .resourceType((byte) 4)
                .resourceName("1")
                .name(key)
                .value(value));
    }

    private void setRate(@Nullable String address, double rate) {
        QuotaEntity entity = new QuotaEntity(Collections.singletonMap(QuotaEntity.IP, address));
        change(ClientQuotas.record(entity, "connection_creation_rate").value(rate));
    }

    @Test
    void oneTooManyOfAnAddressIsClosedAtOnce() {
        limits = limits(Map.of("max.connections.per.ip", "2", "max.connections.per.ip.overrides", THERE + ":1"));
        Side side = new Side("PLAINTEXT");
        Client first = side.connect(HERE);
        side.connect(HERE);
        Client third = side.connect(HERE);
        assertThat(side.served).hasSize(2);
        assertThat(third.isOpen()).isFalse();
        side.connect(HERE);
        assertThat(log)
                .containsExactly("Closing the connection from /127.0.0.1:40000: max.connections.per.ip allows no more"
                        + " from its address than 2");
        assertThat(side.served(2, THERE)).isOne();
        first.close();
        assertThat(side.served(2, HERE)).isOne();
        assertThat(side.accepts()).isTrue();
    }

    @Test
    void limitsThatChangeCountTheConnectionsThatThereAre() {
        Side side = new Side("PLAINTEXT");
        Client first = side.connect(HERE);
        Client second = side.connect(HERE);
        set("max.connections.per.ip", "1");
        assertThat(first.isOpen() && second.isOpen()).isTrue();
        assertThat(side.served(1, HERE)).isZero();
        first.close();
        assertThat(side.served(1, HERE)).isZero();
        set("max.connections.per.ip.overrides", HERE + ":2");
        assertThat(side.served(2, HERE)).isOne();
        set("max.connections.per.ip", null);
        set("max.connections.per.ip.overrides", null);
        assertThat(side.served(5, HERE)).isEqualTo(5);
    }

    @Test
    void whereTheListenerIsFullTheNextWaitsForAPlace() {
        limits = limits(with("listener.name.external.max.connections", "1"));
        Side side = new Side("EXTERNAL");
        Side other = new Side("PLAINTEXT");
        Client first = side.connect(HERE);
        Client second = side.connect(HERE);
        assertThat(side.served).containsExactly(first);
        assertThat(second.isOpen()).isTrue();
        assertThat(side.accepts()).isFalse();
        assertThat(other.served(2, HERE)).isEqualTo(2);
        first.close();
        assertThat(side.served).containsExactly(first, second);
        assertThat(side.accepts()).isTrue();
    }

    @Test
    void thoseThatCameTogetherAreServedInOrder() {
        limits = limits(Map.of("max.connections", "1"));
        Side side = new Side("PLAINTEXT");
        List<Client> clients =
                Stream.generate(() -> side.connect(HERE)).limit(4).toList();
        for (int i = 0; i < 4; i++) {
            assertThat(side.served).isEqualTo(clients.subList(0, i + 1));
            clients.get(i).close();
        }
        assertThat(side.accepts()).isTrue();
    }

    @Test
    void aHigherLimitLetsInWhoeverWaits() {
        limits = limits(Map.of("max.connections", "1"));
        Side side = new Side("PLAINTEXT");
        assertThat(side.served(3, HERE)).isOne();
        set("max.connections", "2");
        assertThat(side.served).hasSize(2);
        set("max.connections", "3");
        assertThat(side.served).hasSize(3);
    }

    @Test
    void brokersTakeThePlaceOfWhoWasSilentForTheLongestTime() {
        limits = limits(with("max.connections", "3"));
        Side clients = new Side("EXTERNAL");
        Side brokers = new Side("PLAINTEXT");
        List<Client> busy =
                Stream.generate(() -> clients.connect(HERE)).limit(3).toList();
        time.advance(1);
        busy.get(0).ask();
        time.advance(1);
        busy.get(2).writeOutbound("answer");
        brokers.connect(HERE);
        assertThat(busy.stream().map(Client::isOpen)).containsExactly(true, false, true);
        brokers.connect(HERE);
        assertThat(busy.stream().map(Client::isOpen)).containsExactly(false, false, true);
        assertThat(clients.served(1, HERE)).isZero();
        // A listener without a limit of its own has the broker's.
        assertThat(brokers.served(4, HERE)).isOne();
        assertThat(busy.get(2).isOpen()).isFalse();
    }

    @Test
    void aLowerLimitClosesTheExcess() {
        Side side = new Side("PLAINTEXT");
        List<Client> all = Stream.generate(() -> side.connect(HERE)).limit(4).toList();
        set("max.connections", "3");
        time.advance(1);
        all.stream().skip(2).forEach(Client::ask);
        set("max.connections", "2");
        assertThat(all.stream().map(Client::isOpen)).containsExactly(false, false, true, true);
    }

    @Test
    void connectionsBeyondTheRateOfAnAddressAreLeftOpenUnreadAndClosed() {
        setRate(null, 1);
        setRate(THERE, 2);
        Side side = new Side("PLAINTEXT");
        assertThat(side.served(10, HERE)).isEqualTo(10);
        Client late = side.connect(HERE);
        assertThat(side.served).doesNotContain(late);
        assertThat(side.accepts()).isTrue();
        time.advance(999);
        assertThat(late.isOpen()).isTrue();
        time.advance(1);
        assertThat(late.isOpen()).isFalse();
        assertThat(side.served(30, THERE)).isEqualTo(20);
        time.advance(11_000);
        assertThat(side.served(30, HERE)).isEqualTo(10);
    }

    @Test
    void connectionsBeyondTheRateOfTheBrokerWaitInLine() {
        limits = limits(Map.of("max.connection.creation.rate", "1"));
        Side side = new Side("PLAINTEXT");
        assertThat(side.served(12, HERE)).isEqualTo(10);
        assertThat(side.accepts()).isFalse();
        time.advance(999);
        assertThat(side.served).hasSize(10);
        time.advance(1);
        assertThat(side.served).hasSize(11);
        time.advance(1_000);
        assertThat(side.served).hasSize(12);
        assertThat(side.accepts()).isTrue();
    }

    @Test
    void brokersDoNotWaitForTheRateOfTheBroker() {
        limits = limits(
                with("max.connection.creation.rate", "1", "listener.name.plaintext.max.connection.creation.rate", "3"));
        Side brokers = new Side("PLAINTEXT");
        assertThat(brokers.served(40, HERE)).isEqualTo(30);
        assertThat(new Side("EXTERNAL").served(40, HERE)).isEqualTo(10);
    }

    @Test
    void whoIsGoneIsForgotten() {
        setRate(null, 1);
        set("max.connections.per.ip", "5");
        Side side = new Side("PLAINTEXT");
        for (int i = 0; i < 50; i++) {
            side.connect("10.0.1." + i).close();
        }
        limits.forgetPast();
        assertThat(memory.used()).isPositive();
        time.advance(11_000);
        limits.forgetPast();
        assertThat(memory.used()).isZero();
        assertThat(limits.addresses()).isZero();
    }

    @Test
    void namesHoldWhenTheNameServiceHasAnswered() {
        set("max.connections.per.ip.overrides", "localhost:1");
        Side side = new Side("PLAINTEXT");
        assertThat(side.served(2, HERE)).isEqualTo(2);
        lookups.remove().run();
        assertThat(side.served(1, HERE)).isZero();
        assertThatThrownBy(() -> limits(Map.of("max.connections.per.ip.overrides", "nobody.invalid:1")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith("max.connections.per.ip.overrides=nobody.invalid:1");
    }

    @Test
    void aListenerThatClosesClosesWhoeverWaits() {
        limits = limits(Map.of("max.connections", "1"));
        setRate(null, 1);
        Side side = new Side("PLAINTEXT");
        side.connect(HERE);
        Client waits = side.connect(HERE);
        side.channel.close();
        assertThat(waits.isOpen()).isFalse();
    }

    private static Map<String, String> with(String... more) {
        Map<String, String> all = new HashMap<>(TWO_LISTENERS);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }
}
