package io.gregor.broker.secure;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authority of a data folder and what it has signed, in files that are made once, and again where they are of no
 * use any more. Confined to the thread that starts the broker. The authority itself is never replaced by another one,
 * since clients have its certificate.
 */
final class Certificates {
    static final String AUTHORITY = "ca.pem";
    static final String AUTHORITY_KEY = "ca-key.pem";
    static final String BROKER = "broker.pem";
    private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);
    /** So long before its end a certificate is made again. */
    private static final Duration RESERVE = Duration.ofDays(30);

    private final SecretFiles files;
    private final SecureRandom random;
    private final Instant now;
    private final Authority authority;

    /** @throws io.gregor.broker.config.InvalidConfigException if the authority that there is cannot be used */
    Certificates(SecretFiles files, SecureRandom random, Instant now) throws IOException, GeneralSecurityException {
        this.files = files;
        this.random = random;
        this.now = now;
        authority = authority();
    }

    private Authority authority() throws IOException, GeneralSecurityException {
        String known = files.read(AUTHORITY_KEY);
        if (known == null) {
            if (files.read(AUTHORITY) != null) {
                throw files.refused(AUTHORITY, "the key to it is missing, allowed is " + files.path(AUTHORITY_KEY));
            }
            Authority begun = Authority.begin(now, random);
            // First the key with the certificate, from which the other file can be made.
            files.write(AUTHORITY_KEY, begun.own().pem());
            LOG.info("Made {}: an authority of its own, whose certificate clients trust", files.path(AUTHORITY));
            known = begun.own().pem();
        }
        Identity own;
        try {
            own = Identity.parse(known);
        } catch (IOException | GeneralSecurityException e) {
            throw files.refused(AUTHORITY_KEY, "cannot be used (" + e.getMessage() + ")");
        }
        if (isOver(own.certificate())) {
            throw files.refused(
                    AUTHORITY_KEY,
                    "the certificate ends " + own.certificate().getNotAfter().toInstant());
        }
        files.settle(AUTHORITY, own.certificatePem());
        return new Authority(own, random);
    }

    private boolean isOver(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant().isBefore(now.plus(RESERVE));
    }

    /**
     * Has a certificate in that file that can be used.
     *
     * @param hosts of which none may be missing
     * @param others that it has, too, if it is made
     */
    void settle(
            String file,
            String commonName,
            Authority.Use use,
            Set<String> hosts,
            Supplier<? extends Set<String>> others)
            throws IOException, GeneralSecurityException {
        String why = objection(files.read(file), hosts);
        if (why != null) {
            Set<String> all = new LinkedHashSet<>(hosts);
            all.addAll(others.get());
            files.write(file, authority.issue(commonName, use, all, now).pem());
            LOG.info("Made {}: {}", files.path(file), why);
        }
    }

    private @Nullable String objection(@Nullable String pem, Collection<String> hosts) {
        if (pem == null) {
            return "there was none";
        }
        try {
            X509Certificate certificate = Identity.parse(pem).certificate();
            certificate.verify(authority.own().certificate().getPublicKey());
            Set<String> missing = new HashSet<>(hosts);
            missing.removeAll(hosts(certificate));
            return isOver(certificate)
                    ? "the last one ends " + certificate.getNotAfter().toInstant()
                    : missing.isEmpty() ? null : "the last one was not for " + String.join(", ", missing);
        } catch (IOException | GeneralSecurityException e) {
            return "the last one could not be used (" + e.getMessage() + ")";
        }
    }

    private static Set<String> hosts(X509Certificate certificate) throws GeneralSecurityException {
        Set<String> hosts = new HashSet<>();
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        for (List<?> name : names == null ? List.<List<?>>of() : names) {
            hosts.add(canonical(String.valueOf(name.get(1))));
        }
        return hosts;
    }

    /** An address in the one way in which it is compared here; a name as it is. */
    static String canonical(String host) {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        try {
            return address == null ? host : InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
