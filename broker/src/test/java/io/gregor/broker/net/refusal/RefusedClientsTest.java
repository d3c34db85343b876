package io.gregor.broker.net.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.config.SecurityProtocol;
import io.gregor.wire.message.ApiKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the log says of clients that a listener cannot serve, and how often. */
public class RefusedClientsTest {
    private static final InetSocketAddress CLIENT = InetSocketAddress.createUnresolved("laptop", 4711);
    private static final String CLOSING = "Closing the connection from laptop/<unresolved>:4711: ";

    private long nanos = Long.MAX_VALUE - TimeUnit.MINUTES.toNanos(2);
    private final List<String> log = new ArrayList<>();
    private final RefusedClients plain = new RefusedClients("LAN", SecurityProtocol.PLAINTEXT, () -> nanos, log::add);

    /** For a connection whose log nobody reads. */
    public static RefusedClients silent() {
        return new RefusedClients("PLAINTEXT", SecurityProtocol.PLAINTEXT, System::nanoTime, line -> {});
    }

    private static ByteBuf request(int api, int version, String clientId) {
        byte[] id = clientId.getBytes(StandardCharsets.UTF_8);
        return Unpooled.buffer()
                .writeShort(api)
                .writeShort(version)
                .writeInt(1)
                .writeShort(id.length)
                .writeBytes(id);
    }

    private static int length(String firstBytes) {
        return Unpooled.copiedBuffer(firstBytes, StandardCharsets.ISO_8859_1).getInt(0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET / HTTP/1.1 | it speaks HTTP, and listener LAN Kafka's protocol: WRONG
            PRI * HTTP/2.0 | it speaks HTTP, and listener LAN Kafka's protocol: WRONG
            \\26\\3\\1\\2 | it speaks TLS, and listener LAN does not: SET
            SSH-2.0 | a frame of 1397966893 bytes, socket.request.max.bytes allows 100
            """)
    void whoeverSpeaksSomethingElseIsToldApart(String firstBytes, String reason) {
        plain.badLength(CLIENT, length(firstBytes.translateEscapes()), "socket.request.max.bytes", 100);
        assertThat(log)
                .containsExactly(CLOSING
                        + reason.replace("WRONG", "a browser, a probe or a proxy has the wrong port")
                                .replace("SET", "set security.protocol=PLAINTEXT in the client"));
    }

    @Test
    void whatTheClientHasToSetIsSaid() {
        RefusedClients safe = new RefusedClients("WAN", SecurityProtocol.SASL_SSL, () -> nanos, log::add);
        safe.withoutTls(CLIENT);
        safe.withoutSasl(CLIENT, ApiKey.METADATA);
        plain.asksForSasl(CLIENT, "rdkafka");
        plain.badVersion(CLIENT, request(2, 0, "kafka-python-1.4.7"), ApiKey.LIST_OFFSETS, 0, 1, 11);
        assertThat(log)
                .containsExactly(
                        CLOSING + "it does not speak TLS, and listener WAN does: set security.protocol=SASL_SSL in the"
                                + " client",
                        CLOSING + "it asks for METADATA and has not authenticated, as listener WAN wants it: set"
                                + " security.protocol=SASL_SSL in the client, and sasl.mechanism and sasl.jaas.config",
                        "Client 'rdkafka' from laptop/<unresolved>:4711 asks for SASL, which listener LAN does not"
                                + " have: set security.protocol=PLAINTEXT in the client",
                        CLOSING + "client 'kafka-python-1.4.7' asks for LIST_OFFSETS in version 0, and versions 1 to 11"
                                + " are answered, as by Apache Kafka 4: it is too old, update it");
    }

    @Test
    void aNameThatIsTooLongOrIsNoneIsNotTakenAsItIs() {
        plain.unknownApi(CLIENT, request(999, 0, "x".repeat(1000)), 999);
        plain.badVersion(CLIENT, request(2, 0, "").setShort(8, 500), ApiKey.LIST_OFFSETS, 0, 1, 11);
        plain.badVersion(CLIENT, Unpooled.buffer().writeLong(0), ApiKey.FETCH, 99, 4, 18);
        assertThat(log.get(0)).contains("client '" + "x".repeat(100) + "...' asks");
        assertThat(log.get(1)).contains("client '' asks");
        assertThat(log.get(2))
                .contains("client '' asks for FETCH in version 99")
                .contains("ApiVersions");
    }

    @Test
    void eachCauseHasALineAMinuteWithTheNumberOfTheOthers() {
        for (int i = 0; i < 1000; i++) {
            plain.badLength(CLIENT, length("GET "), "x", 1);
        }
        plain.tlsFailed(CLIENT, "bad certificate");
        assertThat(log).hasSize(2);
        log.clear();

        nanos += TimeUnit.SECONDS.toNanos(59);
        plain.badLength(CLIENT, length("GET "), "x", 1);
        plain.tellOfOthers();
        assertThat(log).isEmpty();

        nanos += TimeUnit.SECONDS.toNanos(1);
        plain.badLength(CLIENT, length("POST"), "x", 1);
        assertThat(log).singleElement().asString().endsWith("wrong port (1000 more like this since the last line)");
    }

    @Test
    void thoseThatWereLeftOutAreToldOfWhenNoMoreCome() {
        for (int i = 0; i < 3; i++) {
            plain.tlsFailed(CLIENT, "reason " + i);
        }
        nanos += TimeUnit.MINUTES.toNanos(1);
        plain.tellOfOthers();
        plain.tellOfOthers();
        assertThat(log)
                .containsExactly(
                        CLOSING + "TLS failed, reason 0",
                        CLOSING + "TLS failed, reason 2 (1 more like this since the last line)");
        nanos += TimeUnit.MINUTES.toNanos(1);
        plain.tellOfOthers();
        assertThat(log).hasSize(2);
    }

    @Test
    void ofManyMalformedRequestsOneAMinuteIsTold() {
        for (int i = 0; i < 1_000; i++) {
            plain.malformed(CLIENT, request(1, 12, "broken"), "array of length " + i);
            plain.ended(CLIENT, "it does not read its answers");
        }
        assertThat(log)
                .containsExactly(
                        CLOSING + "client 'broken' sends a malformed request: array of length 0",
                        CLOSING + "it does not read its answers");
    }

    @Test
    void reasonsThatAreMadeUpFillNeitherTheLogNorTheMemory() {
        for (int i = 0; i < 10_000; i++) {
            plain.ended(CLIENT, "reason " + i);
        }
        assertThat(log).hasSize(101);
    }
}
