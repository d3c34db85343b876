package io.gregor.broker.security;

import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.ListenerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The keys and trusted certificates of a listener: from a file (JKS, PKCS12, PEM) or from the configuration itself
 * (PEM), by Apache Kafka's rules of what goes with what. Immutable. Reads files when it is asked.
 */
public final class KeyMaterial {
    private static final String PEM = "PEM";
    private static final String KEY = "ssl.keystore.key";
    private static final String CHAIN = "ssl.keystore.certificate.chain";
    private static final String TRUSTED = "ssl.truststore.certificates";
    private static final String PEM_KEY_ALIAS = "key";

    private final ListenerConfig listener;

    public KeyMaterial(ListenerConfig listener) {
        this.listener = listener;
    }

    /** @throws InvalidConfigException if there is no key, or it cannot be read */
    public KeyManagerFactory keys() {
        String store = "ssl.keystore";
        String password = listener.given(store + ".password");
        String keyPassword = listener.given("ssl.key.password");
        requireOneSource(store, KEY, password);
        if ((listener.given(KEY) == null) != (listener.given(CHAIN) == null)) {
            throw listener.refused(
                    listener.given(KEY) == null ? CHAIN : KEY, "allowed is only both of " + KEY + " and " + CHAIN);
        }
        String inline = listener.given(KEY);
        String chain = listener.given(CHAIN);
        String location = listener.given(store + ".location");
        try {
            if (inline != null && chain != null) {
                return managers(pemKeys(inline, chain, keyPassword), "");
            }
            if (location == null) {
                throw listener.refused(
                        store + ".location", "listener " + listener.name() + " needs a key store, allowed is a file");
            }
            if (isPem(store)) {
                String text = Files.readString(Path.of(location));
                return managers(pemKeys(text, text, keyPassword), "");
            }
            if (password == null) {
                throw listener.refused(store + ".password", "allowed is the password of " + location);
            }
            KeyStore keys = load(listener.string(store + ".type"), location, password);
            return managers(keys, keyPassword == null ? password : keyPassword);
        } catch (IOException | GeneralSecurityException e) {
            throw unusable(inline == null ? store + ".location" : KEY, e);
        }
    }

    /** Those of the trust store; else those that the JVM trusts. */
    public TrustManagerFactory trust() {
        String store = "ssl.truststore";
        String password = listener.given(store + ".password");
        requireOneSource(store, TRUSTED, password);
        String inline = listener.given(TRUSTED);
        String location = listener.given(store + ".location");
        try {
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(listener.string("ssl.trustmanager.algorithm"));
            if (inline != null) {
                factory.init(pemTrust(inline));
            } else if (location == null) {
                factory.init((KeyStore) null);
            } else if (isPem(store)) {
                factory.init(pemTrust(Files.readString(Path.of(location))));
            } else {
                factory.init(load(listener.string(store + ".type"), location, password));
            }
            return factory;
        } catch (IOException | GeneralSecurityException e) {
            throw unusable(inline == null ? store + ".location" : TRUSTED, e);
        }
    }

    /** A store comes from a file or from the configuration; passwords of stores are of files that are no PEM. */
    private void requireOneSource(String store, String inlineKey, @Nullable String password) {
        boolean inline = listener.given(inlineKey) != null;
        String location = listener.given(store + ".location");
        if (inline && !isPem(store)) {
            throw listener.refused(store + ".type", "allowed is PEM, as there is " + inlineKey);
        }
        if (inline && location != null) {
            throw listener.refused(store + ".location", "allowed is only one of this and " + inlineKey);
        }
        if (password != null && isPem(store)) {
            throw listener.refused(store + ".password", "allowed is none, as " + store + ".type is PEM");
        }
        if (password != null && location == null) {
            throw listener.refused(store + ".password", "allowed is only with " + store + ".location");
        }
    }

    private boolean isPem(String store) {
        return listener.string(store + ".type").equals(PEM);
    }

    private KeyManagerFactory managers(KeyStore keys, String password) throws GeneralSecurityException {
        KeyManagerFactory factory = KeyManagerFactory.getInstance(listener.string("ssl.keymanager.algorithm"));
        factory.init(keys, password.toCharArray());
        return factory;
    }

    private static KeyStore load(String type, String location, @Nullable String password)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(type);
        try (InputStream in = Files.newInputStream(Path.of(location))) {
            store.load(in, password == null ? null : password.toCharArray());
        }
        return store;
    }

    private static KeyStore pemKeys(String key, String chain, @Nullable String password)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                PEM_KEY_ALIAS,
                Pem.privateKey(key, password),
                new char[0],
                Pem.certificates(chain).toArray(new Certificate[0]));
        return store;
    }

    private static KeyStore pemTrust(String text) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        List<Certificate> certificates = Pem.certificates(text);
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("trusted-" + i, certificates.get(i));
        }
        return store;
    }

    private InvalidConfigException unusable(String key, Exception cause) {
        return listener.refused(key, "cannot be used, " + cause);
    }
}
