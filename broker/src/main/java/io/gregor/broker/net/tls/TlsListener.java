package io.gregor.broker.net.tls;

import io.gregor.broker.config.ListenerConfig;
import io.gregor.broker.net.refusal.RefusedClients;
import io.gregor.broker.security.KeyMaterial;
import io.gregor.broker.security.PrincipalMapping;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/**
 * Encrypts the connections of one listener: with BoringSSL where its native part is there and can do what is asked for,
 * else with the JDK. Thread-safe. Renegotiation is refused.
 */
public final class TlsListener {
    private static final String TLS_1_3 = "TLSv1.3";
    private static final String CIPHERS = "ssl.cipher.suites";
    private static final String PROTOCOLS = "ssl.enabled.protocols";
    private static final String RULES = "ssl.principal.mapping.rules";
    private static final String PROVIDER = "ssl.provider";
    private static final String RANDOM = "ssl.secure.random.implementation";

    /** BoringSSL has all of these, or none. */
    private static final Set<String> TLS_1_3_CIPHERS =
            Set.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private final SslContext context;
    private final PrincipalMapping mapping;

    private TlsListener(SslContext context, PrincipalMapping mapping) {
        this.context = context;
        this.mapping = mapping;
    }

    /** @throws io.gregor.broker.config.InvalidConfigException if it cannot be had with these settings */
    public static TlsListener of(ListenerConfig listener) {
        PrincipalMapping mapping;
        try {
            mapping = PrincipalMapping.parse(listener.string(RULES));
        } catch (IllegalArgumentException e) {
            throw listener.refused(RULES, e.getMessage() + ", allowed are DEFAULT and RULE:pattern/replacement/[LU]");
        }
        return new TlsListener(context(listener), mapping);
    }

    private static SslContext context(ListenerConfig listener) {
        refuseRenegotiation();
        List<String> ciphers = listener.list(CIPHERS);
        List<String> protocols = listener.list(PROTOCOLS);
        ClientAuth auth = clientAuth(listener.string("ssl.client.auth"));
        checkProtocol(listener);
        SslProvider provider = provider(listener, ciphers, protocols);
        SslContextBuilder builder = SslContextBuilder.forServer(new KeyMaterial(listener).keys())
                .sslProvider(provider)
                .clientAuth(auth)
                .protocols(protocols);
        if (!ciphers.isEmpty()) {
            builder.ciphers(ciphers);
        }
        if (auth != ClientAuth.NONE) {
            builder.trustManager(new KeyMaterial(listener).trust());
        }
        configureJdk(listener, builder);
        try {
            SslContext context = builder.build();
            // Names that are not known show when the first connection would come.
            ReferenceCountUtil.release(context.newEngine(ByteBufAllocator.DEFAULT));
            return context;
        } catch (SSLException | IllegalArgumentException e) {
            String key = ciphers.isEmpty() ? PROTOCOLS : CIPHERS;
            throw listener.refused(key, "cannot be had, " + e + (e.getCause() == null ? "" : ", " + e.getCause()));
        }
    }

    /** The JDK reads this once; BoringSSL needs no telling. */
    private static void refuseRenegotiation() {
        String key = "jdk.tls.rejectClientInitiatedRenegotiation";
        if (System.getProperty(key) == null) {
            System.setProperty(key, "true");
        }
    }

    private static ClientAuth clientAuth(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "required" -> ClientAuth.REQUIRE;
            case "requested" -> ClientAuth.OPTIONAL;
            default -> ClientAuth.NONE;
        };
    }

    private static void checkProtocol(ListenerConfig listener) {
        try {
            SSLContext.getInstance(listener.string("ssl.protocol"));
        } catch (GeneralSecurityException e) {
            throw listener.refused("ssl.protocol", "allowed is a protocol of this JVM, such as " + TLS_1_3);
        }
    }

    private static SslProvider provider(ListenerConfig listener, List<String> ciphers, List<String> protocols) {
        boolean jdkOnly = listener.given(PROVIDER) != null
                || listener.given(RANDOM) != null
                || protocols.contains(TLS_1_3) && !ciphers.isEmpty() && !ciphers.containsAll(TLS_1_3_CIPHERS);
        return !jdkOnly && OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
    }

    private static void configureJdk(ListenerConfig listener, SslContextBuilder builder) {
        String providerName = listener.given(PROVIDER);
        if (providerName != null) {
            Provider provider = Security.getProvider(providerName);
            if (provider == null) {
                throw listener.refused(PROVIDER, "allowed is one of this JVM, such as SunJSSE");
            }
            builder.sslContextProvider(provider);
        }
        String random = listener.given(RANDOM);
        if (random != null) {
            try {
                builder.secureRandom(SecureRandom.getInstance(random));
            } catch (GeneralSecurityException e) {
                throw listener.refused(RANDOM, "allowed is one of this JVM, such as SHA1PRNG");
            }
        }
    }

    /**
     * Puts encryption between a new connection and its socket.
     *
     * @param refused is told of clients with which it fails
     */
    public void addTo(Channel channel, RefusedClients refused) {
        SslHandler handler = context.newHandler(channel.alloc());
        channel.pipeline().addLast(handler, new TlsHandshake(handler, refused, mapping));
    }
}
