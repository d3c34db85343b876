package io.gregor.cli.security;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** TLS as the {@code ssl.} keys of Apache Kafka's clients say it. Immutable. */
public final class TlsClient {
    private static final String TRUST = "ssl.truststore.";
    private static final String KEYS = "ssl.keystore.";
    private static final String IDENTIFICATION = "ssl.endpoint.identification.algorithm";
    private static final String PROTOCOLS = "ssl.enabled.protocols";
    private static final String CIPHERS = "ssl.cipher.suites";
    private static final String LOCATION = "location";
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final char[] NO_PASSWORD = {};

    private final SSLContext context;
    private final String identification;
    private final String @Nullable [] protocols;
    private final String @Nullable [] ciphers;

    private TlsClient(
            SSLContext context, String identification, String @Nullable [] protocols, String @Nullable [] ciphers) {
        this.context = context;
        this.identification = identification;
        this.protocols = protocols;
        this.ciphers = ciphers;
    }

    /** @throws IllegalArgumentException with the key and what is wrong with it */
    static TlsClient of(Map<String, String> properties) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(properties), trust(properties), null);
            SSLParameters supported = context.getSupportedSSLParameters();
            return new TlsClient(
                    context,
                    properties.getOrDefault(IDENTIFICATION, "https").trim(),
                    chosen(properties, PROTOCOLS, supported.getProtocols()),
                    chosen(properties, CIPHERS, supported.getCipherSuites()));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("ssl.keystore or ssl.truststore: " + e.getMessage(), e);
        }
    }

    /** What a list names; null if it names nothing: what the JVM has by default. */
    private static String @Nullable [] chosen(Map<String, String> properties, String key, String... supported) {
        String given = properties.getOrDefault(key, "").trim();
        if (given.isEmpty()) {
            return null;
        }
        String[] names = given.split("\\s*,\\s*", -1);
        for (String name : names) {
            if (!List.of(supported).contains(name)) {
                throw new IllegalArgumentException(
                        key + "=" + given + ": " + name + " is not known, allowed is " + String.join(", ", supported));
            }
        }
        return names;
    }

    /** A connection over TLS, whose handshake is done. */
    Socket protect(Socket connected, String host, int port, int timeoutMs) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(connected, host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm(identification.isEmpty() ? null : identification);
        if (protocols != null) {
            parameters.setProtocols(protocols);
        }
        if (ciphers != null) {
            parameters.setCipherSuites(ciphers);
        }
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(timeoutMs);
        socket.startHandshake();
        return socket;
    }

    /** Null: whoever the JVM trusts. */
    private static TrustManager @Nullable [] trust(Map<String, String> properties) throws GeneralSecurityException {
        String source = source(properties, TRUST, "certificates");
        if (source == null) {
            return null;
        }
        String pem = pem(properties, TRUST, source);
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(pem == null ? stored(properties, TRUST) : trusting(certificates(source, pem)));
        return factory.getTrustManagers();
    }

    private static KeyStore trusting(List<Certificate> certificates) throws GeneralSecurityException {
        KeyStore store = empty();
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("trusted" + i, certificates.get(i));
        }
        return store;
    }

    /** Null: the client has no certificate. */
    private static KeyManager @Nullable [] keys(Map<String, String> properties) throws GeneralSecurityException {
        String source = source(properties, KEYS, "key");
        if (source == null) {
            return null;
        }
        String pem = pem(properties, KEYS, source);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        if (pem == null) {
            String password = properties.getOrDefault("ssl.key.password", properties.get(KEYS + "password"));
            factory.init(stored(properties, KEYS), password == null ? NO_PASSWORD : password.toCharArray());
        } else {
            boolean isInFile = source.equals(KEYS + LOCATION);
            String chainKey = isInFile ? source : KEYS + "certificate.chain";
            String chain = isInFile ? pem : properties.getOrDefault(chainKey, "");
            KeyStore store = empty();
            store.setKeyEntry(
                    "own",
                    privateKey(source, pem),
                    NO_PASSWORD,
                    certificates(chainKey, chain).toArray(Certificate[]::new));
            factory.init(store, NO_PASSWORD);
        }
        return factory.getKeyManagers();
    }

    /** The key that has what is wanted, or says in which file it is; null if neither is given. */
    private static @Nullable String source(Map<String, String> properties, String prefix, String inline) {
        if (properties.containsKey(prefix + inline)) {
            return prefix + inline;
        }
        return properties.containsKey(prefix + LOCATION) ? prefix + LOCATION : null;
    }

    /** The text with certificates or keys; null if they are in a key store. */
    private static @Nullable String pem(Map<String, String> properties, String prefix, String source) {
        String value = properties.getOrDefault(source, "");
        if (!source.equals(prefix + LOCATION)) {
            return value;
        }
        return isPem(properties, prefix) ? text(source, value) : null;
    }

    private static boolean isPem(Map<String, String> properties, String prefix) {
        return properties.getOrDefault(prefix + "type", "").trim().equalsIgnoreCase("PEM");
    }

    private static KeyStore empty() throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, NO_PASSWORD);
        } catch (IOException e) {
            throw new IllegalStateException("nothing is read", e);
        }
        return store;
    }

    private static KeyStore stored(Map<String, String> properties, String prefix) throws GeneralSecurityException {
        String key = prefix + LOCATION;
        String location = properties.getOrDefault(key, "");
        String password = properties.get(prefix + "password");
        KeyStore store = KeyStore.getInstance(
                properties.getOrDefault(prefix + "type", "JKS").trim());
        try (InputStream in = Files.newInputStream(Path.of(location))) {
            store.load(in, password == null ? null : password.toCharArray());
            return store;
        } catch (IOException | InvalidPathException e) {
            throw unreadable(key, location, e);
        }
    }

    private static String text(String key, String location) {
        try {
            return Files.readString(Path.of(location), StandardCharsets.US_ASCII);
        } catch (IOException | InvalidPathException e) {
            throw unreadable(key, location, e);
        }
    }

    private static IllegalArgumentException unreadable(String key, String location, Exception e) {
        String why = e instanceof NoSuchFileException ? "there is no such file" : "cannot be read, " + e.getMessage();
        return new IllegalArgumentException(key + "=" + location + ": " + why, e);
    }

    private static List<byte[]> blocks(String pem, String label) {
        List<byte[]> blocks = new ArrayList<>();
        Matcher block = BLOCK.matcher(pem);
        while (block.find()) {
            if (block.group(1).equals(label)) {
                blocks.add(Base64.getMimeDecoder().decode(block.group(2)));
            }
        }
        return blocks;
    }

    private static List<Certificate> certificates(String key, String pem) throws GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<Certificate> certificates = new ArrayList<>();
        for (byte[] block : blocks(pem, "CERTIFICATE")) {
            certificates.add(factory.generateCertificate(new ByteArrayInputStream(block)));
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException(key + ": there is no CERTIFICATE in it");
        }
        return certificates;
    }

    private static PrivateKey privateKey(String key, String pem) throws GeneralSecurityException {
        List<byte[]> blocks = blocks(pem, "PRIVATE KEY");
        if (blocks.size() != 1) {
            throw new IllegalArgumentException(key + ": there is no PRIVATE KEY in it, without a password");
        }
        InvalidKeySpecException last = null;
        for (String algorithm : List.of("EC", "RSA", "DSA", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(blocks.get(0)));
            } catch (InvalidKeySpecException e) {
                last = e;
            }
        }
        throw new IllegalArgumentException(key + ": a key of a kind that is not known", last);
    }
}
