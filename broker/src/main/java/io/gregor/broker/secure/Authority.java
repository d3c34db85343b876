package io.gregor.broker.secure;

import io.netty.util.NetUtil;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * Signs certificates by the profile of RFC 5280, with keys of the elliptic curve P-256. Immutable. It is written by
 * hand: the JDK has no public API for it, and the libraries that have one bring ten megabytes.
 *
 * @param own what it signs with
 */
record Authority(Identity own, SecureRandom random) {
    static final Duration YEARS = Duration.ofDays(3652);
    /** Of what it signs: some clients refuse more than 825 days. */
    static final Duration LIFETIME = Duration.ofDays(800);
    /** Clocks of clients may be behind. */
    private static final Duration EARLIER = Duration.ofDays(1);

    private static final String SIGNATURE = "SHA256withECDSA";
    private static final String SIGNATURE_ID = "1.2.840.10045.4.3.2";
    private static final String KEY_IDENTIFIER = "2.5.29.14";
    private static final String KEY_USAGE = "2.5.29.15";
    private static final String ALTERNATIVE_NAMES = "2.5.29.17";
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String AUTHORITY_KEY = "2.5.29.35";
    private static final String EXTENDED_USAGE = "2.5.29.37";

    /** What a certificate may be used for, besides. */
    enum Use {
        SERVER("1.3.6.1.5.5.7.3.1"),
        CLIENT("1.3.6.1.5.5.7.3.2");

        private final String identifier;

        Use(String identifier) {
            this.identifier = identifier;
        }
    }

    /** What is signed of somebody. */
    private record Subject(X500Principal name, PublicKey key, Instant from, Instant to) {}

    /** One that nobody knows yet. */
    static Authority begin(Instant now, SecureRandom random) throws GeneralSecurityException {
        KeyPair pair = keyPair(random);
        byte[] id = new byte[4];
        random.nextBytes(id);
        X500Principal name = new X500Principal("CN=Gregor authority %08x".formatted(new BigInteger(1, id)));
        // It may sign certificates, but of no further authority; bits 5 and 6: certificates, lists of revoked ones.
        List<byte[]> extensions = List.of(
                extension(BASIC_CONSTRAINTS, true, Der.sequence(Der.yes(), Der.integer(BigInteger.ZERO))),
                extension(KEY_USAGE, true, Der.bits(1, (byte) 0x06)),
                extension(KEY_IDENTIFIER, false, Der.octets(identifier(pair.getPublic()))));
        Subject subject = new Subject(name, pair.getPublic(), now.minus(EARLIER), now.plus(YEARS));
        X509Certificate certificate = sign(subject, name, extensions, pair.getPrivate(), random);
        return new Authority(new Identity(pair.getPrivate(), certificate), random);
    }

    /**
     * A new key with a certificate.
     *
     * @param hosts names and addresses that are its own
     */
    Identity issue(String commonName, Use use, Collection<String> hosts, Instant now) throws GeneralSecurityException {
        KeyPair pair = keyPair(random);
        X509Certificate issuer = own.certificate();
        List<byte[]> extensions = new ArrayList<>(List.of(
                extension(BASIC_CONSTRAINTS, true, Der.sequence()),
                extension(KEY_USAGE, true, Der.bits(7, (byte) 0x80)),
                extension(EXTENDED_USAGE, false, Der.sequence(Der.identifier(use.identifier))),
                extension(KEY_IDENTIFIER, false, Der.octets(identifier(pair.getPublic()))),
                extension(AUTHORITY_KEY, false, Der.sequence(Der.implicit(0, identifier(issuer.getPublicKey()))))));
        if (!hosts.isEmpty()) {
            extensions.add(extension(ALTERNATIVE_NAMES, false, names(hosts)));
        }
        Instant end = issuer.getNotAfter().toInstant();
        Instant to = now.plus(LIFETIME).isBefore(end) ? now.plus(LIFETIME) : end;
        X500Principal name = new X500Principal("CN=" + commonName);
        Subject subject = new Subject(name, pair.getPublic(), now.minus(EARLIER), to);
        return new Identity(
                pair.getPrivate(), sign(subject, issuer.getSubjectX500Principal(), extensions, own.key(), random));
    }

    private static KeyPair keyPair(SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    private static X509Certificate sign(
            Subject subject, X500Principal issuer, List<byte[]> extensions, PrivateKey key, SecureRandom random)
            throws GeneralSecurityException {
        byte[] algorithm = Der.sequence(Der.identifier(SIGNATURE_ID));
        byte[] signed = Der.sequence(
                Der.explicit(0, Der.integer(BigInteger.TWO)),
                Der.integer(new BigInteger(127, random).setBit(126)),
                algorithm,
                issuer.getEncoded(),
                Der.sequence(Der.time(subject.from()), Der.time(subject.to())),
                subject.name().getEncoded(),
                subject.key().getEncoded(),
                Der.explicit(3, Der.sequence(extensions)));
        Signature signature = Signature.getInstance(SIGNATURE);
        signature.initSign(key, random);
        signature.update(signed);
        byte[] certificate = Der.sequence(signed, algorithm, Der.bits(0, signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
    }

    private static byte[] extension(String identifier, boolean critical, byte[] value) {
        return critical
                ? Der.sequence(Der.identifier(identifier), Der.yes(), Der.octets(value))
                : Der.sequence(Der.identifier(identifier), Der.octets(value));
    }

    /** Any that is the same for the same key, in RFC 5280: a hash of it. */
    private static byte[] identifier(PublicKey key) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-1").digest(key.getEncoded());
    }

    private static byte[] names(Collection<String> hosts) {
        List<byte[]> names = new ArrayList<>();
        for (String host : hosts) {
            byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
            names.add(
                    address == null
                            ? Der.implicit(2, host.getBytes(StandardCharsets.US_ASCII))
                            : Der.implicit(7, address));
        }
        return Der.sequence(names);
    }
}
