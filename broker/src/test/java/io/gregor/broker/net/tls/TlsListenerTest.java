package io.gregor.broker.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.broker.Broker;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.wire.ByteReader;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.MetadataResponse;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Listeners with TLS, each with settings of its own, as clients of the JDK see them. */
class TlsListenerTest {
    private static final int METADATA_HEADER_BYTES = 4;

    @TempDir
    private static Path folder;

    private static KeyStores keys;
    private static Broker broker;

    @BeforeAll
    static void start() throws Exception {
        keys = new KeyStores();
        broker = Broker.start(BrokerConfig.of(given()), () -> {});
    }

    private static Map<String, String> given() throws Exception {
        Map<String, String> given = new HashMap<>();
        given.put("log.dirs", folder.resolve("data").toString());
        given.put(
                "listeners",
                "PLAINTEXT://localhost:0,JKS://localhost:0,P12://localhost:0,PEM://localhost:0,INLINE://localhost:0,"
                        + "ENCRYPTED://localhost:0,MUTUAL://localhost:0,OLD://localhost:0,JDK://localhost:0");
        given.put(
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,JKS:SSL,P12:SSL,PEM:SSL,INLINE:SSL,ENCRYPTED:SSL,MUTUAL:SSL,OLD:SSL,JDK:SSL");
        for (String listener : List.of("p12", "mutual", "old", "jdk")) {
            store(given, listener, "PKCS12");
        }
        store(given, "jks", "JKS");
        String pem = keys.broker.getPrivateKeyPEM() + "\n" + keys.broker.getCertificatePathPEM();
        given.put("listener.name.pem.ssl.keystore.type", "PEM");
        given.put(
                "listener.name.pem.ssl.keystore.location",
                Files.writeString(folder.resolve("broker.pem"), pem).toString());
        given.put("listener.name.inline.ssl.keystore.type", "PEM");
        given.put("listener.name.inline.ssl.keystore.key", keys.broker.getPrivateKeyPEM());
        given.put("listener.name.inline.ssl.keystore.certificate.chain", keys.broker.getCertificatePathPEM());
        given.put("listener.name.encrypted.ssl.keystore.type", "PEM");
        given.put("listener.name.encrypted.ssl.keystore.key", keys.encryptedKey());
        given.put("listener.name.encrypted.ssl.key.password", KeyStores.PASSWORD);
        given.put("listener.name.encrypted.ssl.keystore.certificate.chain", keys.broker.getCertificatePathPEM());
        given.put("listener.name.mutual.ssl.client.auth", "required");
        given.put(
                "listener.name.mutual.ssl.truststore.location",
                keys.trust(folder, "JKS").toString());
        given.put("listener.name.mutual.ssl.truststore.password", KeyStores.PASSWORD);
        given.put("listener.name.old.ssl.enabled.protocols", "TLSv1.2");
        given.put("listener.name.old.ssl.cipher.suites", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
        given.put("listener.name.jdk.ssl.cipher.suites", "TLS_AES_256_GCM_SHA384");
        return given;
    }

    private static void store(Map<String, String> given, String listener, String type) throws Exception {
        String prefix = "listener.name." + listener + ".ssl.keystore.";
        given.put(prefix + "type", type);
        given.put(prefix + "location", keys.store(folder, type).toString());
        given.put(prefix + "password", KeyStores.PASSWORD);
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    private static int port(String listener) {
        return Objects.requireNonNull(broker.listeners().get(listener)).port();
    }

    private static SSLSocket connect(String listener, KeyManager... own) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own, new TrustManager[] {keys.authority.toTrustManager()}, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", port(listener));
        socket.setSoTimeout(60_000);
        return socket;
    }

    /** The port that the broker tells the client. */
    private static int advertised(Socket socket) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.write(ByteBuffer.allocate(18)
                .putInt(14)
                .putShort(ApiKey.METADATA.id())
                .putShort((short) 1)
                .putInt(7)
                .putShort((short) -1)
                .putInt(0)
                .array());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        MetadataResponse metadata = new MetadataResponse();
        metadata.read(
                new ByteReader(ByteBuffer.wrap(answer, METADATA_HEADER_BYTES, answer.length - METADATA_HEADER_BYTES)),
                (short) 1);
        return metadata.brokers().get(0).port();
    }

    @Test
    void eachListenerAnswersWithItsOwnAddress() throws Exception {
        for (String listener : List.of("JKS", "P12", "PEM", "INLINE", "ENCRYPTED", "OLD", "JDK")) {
            try (SSLSocket socket = connect(listener)) {
                assertThat(advertised(socket)).as(listener).isEqualTo(port(listener));
            }
        }
        try (Socket socket = new Socket("localhost", port("PLAINTEXT"))) {
            assertThat(advertised(socket)).isEqualTo(port("PLAINTEXT"));
        }
    }

    @Test
    void whatWasNotConfiguredIsNotSpoken() throws Exception {
        assertThat(session("P12", "TLSv1.3")).startsWith("TLSv1.3");
        assertThat(session("P12", "TLSv1.2")).startsWith("TLSv1.2");
        assertThat(session("OLD", "TLSv1.3", "TLSv1.2")).isEqualTo("TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
        assertThat(session("JDK", "TLSv1.3")).isEqualTo("TLSv1.3 TLS_AES_256_GCM_SHA384");
        assertThatThrownBy(() -> session("OLD", "TLSv1.3")).isInstanceOf(SSLHandshakeException.class);
        assertThatThrownBy(() -> session("JDK", "TLSv1.2")).isInstanceOf(SSLHandshakeException.class);
    }

    private static String session(String listener, String... protocols) throws Exception {
        try (SSLSocket socket = connect(listener)) {
            socket.setEnabledProtocols(protocols);
            socket.startHandshake();
            advertised(socket);
            return socket.getSession().getProtocol() + " " + socket.getSession().getCipherSuite();
        }
    }

    @Test
    void aListenerThatRequiresCertificatesWantsOneOfItsAuthority() throws Exception {
        try (SSLSocket socket =
                connect("MUTUAL", keys.client.toKeyManagerFactory().getKeyManagers())) {
            assertThat(advertised(socket)).isEqualTo(port("MUTUAL"));
        }
        KeyManager[] foreign = new KeyStores().client.toKeyManagerFactory().getKeyManagers();
        assertThatThrownBy(() -> advertised(connect("MUTUAL", foreign))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> advertised(connect("MUTUAL"))).isInstanceOf(IOException.class);
    }

    @Test
    void whoSpeaksTheOtherProtocolIsDisconnected() throws Exception {
        try (Socket socket = new Socket("localhost", port("P12"))) {
            assertThatThrownBy(() -> advertised(socket)).isInstanceOf(IOException.class);
        }
        try (SSLSocket socket = connect("PLAINTEXT")) {
            assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
        }
    }

    @Test
    void renegotiationIsRefused() throws Exception {
        for (String listener : List.of("OLD", "JDK")) {
            try (SSLSocket socket = connect(listener)) {
                socket.startHandshake();
                advertised(socket);
                if (socket.getSession().getProtocol().equals("TLSv1.2")) {
                    socket.startHandshake();
                    assertThatThrownBy(() -> advertised(socket)).isInstanceOf(IOException.class);
                }
            }
        }
    }

    @Test
    void whatCannotWorkStopsTheStartWithOneLine() throws Exception {
        String prefix = "listener.name.p12.ssl.";
        refused(prefix + "keystore.password", "wrong", "listener.name.p12.ssl.keystore.location=");
        refused(prefix + "keystore.location", folder + "/none", "NoSuchFileException");
        refused(prefix + "keystore.type", "ZIP", "ZIP not found");
        refused(prefix + "keystore.type", "PEM", "listener.name.p12.ssl.keystore.password: allowed is none");
        refused(prefix + "keystore.key", "x", "allowed is PEM, as there is ssl.keystore.key");
        refused(prefix + "enabled.protocols", "TLSv9", "listener.name.p12.ssl.enabled.protocols=TLSv9: cannot be had");
        refused(prefix + "cipher.suites", "TLS_NONE", "listener.name.p12.ssl.cipher.suites=TLS_NONE: cannot be had");
        refused(prefix + "client.auth", "perhaps", "allowed is [required, requested, none]");
        refused(prefix + "protocol", "TLSv9", "ssl.protocol=TLSv9: allowed is");
        refused(prefix + "provider", "None", "ssl.provider=None: allowed is");
        refused(prefix + "principal.mapping.rules", "RULE:x", "not a rule: RULE:x");
        refused(prefix + "engine.factory.class", "my.Factory", "my.Factory: allowed is org.apache.kafka");
        refused("listener.name.p12.principal.builder.class", "my.Builder", "my.Builder: allowed is org.apache.kafka");
    }

    private static void refused(String key, String value, String because) throws Exception {
        Map<String, String> given = given();
        given.put("log.dirs", folder.resolve("other").toString());
        given.put(key, value);
        assertThatThrownBy(() -> Broker.start(BrokerConfig.of(given), () -> {}).close())
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining(because)
                .hasMessageNotContaining(KeyStores.PASSWORD);
    }
}
