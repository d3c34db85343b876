package io.gregor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.MetadataResponse;
import io.gregor.wire.message.MetadataResponse.MetadataResponseBroker;
import io.gregor.wire.message.SaslHandshakeResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor says of ports that are not what a client hopes for. */
class DoctorTest {
    @TempDir
    Path folder;

    private static void assertFault(int port, String... parts) {
        OneRun run = OneRun.of("doctor", "localhost:" + port);
        assertThat(run.out()).contains(parts).contains("FAULT ");
        assertThat(run.err()).isEqualTo("gregor: 1 fault\n");
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void nothingListens() {
        assertThat(OneRun.of("doctor", "localhost:1"))
                .satisfies(run -> assertThat(run.out()).contains("FAULT localhost:1: nothing listens at "))
                .extracting(OneRun::status)
                .isEqualTo(1);
    }

    @Test
    void aNameThatIsNotKnown() {
        assertThat(OneRun.of("doctor", "no.such.host.invalid:9092"))
                .isEqualTo(new OneRun(
                        1, "FAULT no.such.host.invalid:9092: the host name is not known here\n", "gregor: 1 fault\n"));
    }

    @Test
    void aPortThatSpeaksHttp() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
        try {
            assertFault(server.getAddress().getPort(), "the port speaks HTTP, and not Kafka's protocol");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aPortThatSpeaksTls() throws Exception {
        try (ServerSocket server =
                tls().getServerSocketFactory().createServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> readAll(server), "tls");
            thread.setDaemon(true);
            thread.start();
            assertFault(server.getLocalPort(), "the port speaks TLS: clients need security.protocol=SSL or SASL_SSL");
        }
    }

    private static void readAll(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept();
                    InputStream in = socket.getInputStream()) {
                in.readAllBytes();
            } catch (IOException e) {
                // No handshake: the next one.
            }
        }
    }

    private SSLContext tls() throws Exception {
        Path store = folder.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-alias",
                        "a",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "secret",
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "secret".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "secret".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    @Test
    void aListenerThatAsksForSasl() throws IOException {
        try (FakeBroker broker = new FakeBroker(key -> key == ApiKey.SASL_HANDSHAKE
                ? new SaslHandshakeResponse().errorCode((short) 33).mechanisms(List.of("PLAIN", "SCRAM-SHA-512"))
                : null)) {
            assertFault(
                    broker.port(),
                    "asks for SASL, with one of [PLAIN, SCRAM-SHA-512]: clients need security.protocol=SASL_PLAINTEXT");
        }
    }

    @Test
    void aBrokerThatIsAdvertisedWhereNobodyGets() throws IOException {
        MetadataResponse metadata = new MetadataResponse()
                .clusterId("c")
                .brokers(List.of(new MetadataResponseBroker()
                        .nodeId(7)
                        .host("kafka.invalid")
                        .port(9092)));
        try (FakeBroker broker = new FakeBroker(key -> key == ApiKey.METADATA ? metadata : null)) {
            OneRun run = OneRun.of("doctor", "localhost:" + broker.port());
            assertThat(run.status()).isEqualTo(1);
            assertThat(run.out())
                    .contains(
                            "FAULT kafka.invalid:9092 (as broker 7 is advertised): the host name is not known here",
                            "set advertised.listeners of broker 7");
        }
    }
}
