package io.gregor.broker.secure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is signed, as the JDK reads and checks it. */
class AuthorityTest {
    private static final Instant NOW = Instant.parse("2026-11-28T10:00:00Z");
    private static final SecureRandom RANDOM = new SecureRandom();

    private static Authority authority(Instant now) throws GeneralSecurityException {
        return Authority.begin(now, RANDOM);
    }

    private static void validate(X509Certificate certificate, Authority by, Instant at) throws Exception {
        PKIXParameters parameters =
                new PKIXParameters(Set.of(new TrustAnchor(by.own().certificate(), null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(at));
        CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate));
        CertPathValidator.getInstance("PKIX").validate(path, parameters);
    }

    @Test
    void whatItSignsIsValidForItsUseAndNames() throws Exception {
        Authority authority = authority(NOW);
        List<String> hosts = List.of("localhost", "broker.example.com", "127.0.0.1", "::1");
        X509Certificate certificate =
                authority.issue("localhost", Authority.Use.SERVER, hosts, NOW).certificate();
        validate(certificate, authority, NOW);
        validate(certificate, authority, NOW.plus(Authority.LIFETIME).minusSeconds(1));
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=localhost");
        assertThat(certificate.getIssuerX500Principal())
                .isEqualTo(authority.own().certificate().getSubjectX500Principal());
        assertThat(certificate.getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(
                        List.of(2, "localhost"),
                        List.of(2, "broker.example.com"),
                        List.of(7, "127.0.0.1"),
                        List.of(7, "0:0:0:0:0:0:0:1"));
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(certificate.getKeyUsage())
                .containsExactly(true, false, false, false, false, false, false, false, false);
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getVersion()).isEqualTo(3);
        assertThat(certificate.getSerialNumber().bitLength()).isEqualTo(127);
    }

    @Test
    void anAuthorityMayOnlySignAndNotMakeOthers() throws Exception {
        X509Certificate certificate = authority(NOW).own().certificate();
        certificate.verify(certificate.getPublicKey());
        assertThat(certificate.getBasicConstraints()).isZero();
        assertThat(certificate.getKeyUsage())
                .containsExactly(false, false, false, false, false, true, true, false, false);
        assertThat(certificate.getSubjectX500Principal().getName()).matches("CN=Gregor authority [0-9a-f]{8}");
        assertThat(certificate.getNotBefore().toInstant()).isEqualTo(NOW.minus(Duration.ofDays(1)));
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(NOW.plus(Authority.YEARS));
    }

    @Test
    void aCertificateIsValidUnderNoOtherAuthorityAndAtNoOtherTime() throws Exception {
        Authority authority = authority(NOW);
        X509Certificate certificate =
                authority.issue("admin", Authority.Use.CLIENT, List.of(), NOW).certificate();
        assertThat(certificate.getSubjectAlternativeNames()).isNull();
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        for (Instant wrong : List.of(NOW.minus(Duration.ofDays(2)), NOW.plus(Duration.ofDays(801)))) {
            assertThatThrownBy(() -> validate(certificate, authority, wrong))
                    .isInstanceOf(CertPathValidatorException.class);
        }
        assertThatThrownBy(() -> validate(certificate, authority(NOW), NOW))
                .isInstanceOf(CertPathValidatorException.class);
    }

    /** RFC 5280 writes years from 2050 on in another way; nothing outlives its authority. */
    @Test
    void aCertificateEndsWithItsAuthority() throws Exception {
        Instant late = Instant.parse("2044-12-31T23:59:59Z");
        Authority authority = authority(late);
        Instant end = late.plus(Authority.YEARS);
        assertThat(authority.own().certificate().getNotAfter().toInstant())
                .isEqualTo(end)
                .isAfter("2050-01-01T00:00:00Z");
        X509Certificate certificate = authority
                .issue("localhost", Authority.Use.SERVER, List.of("localhost"), end.minusSeconds(5))
                .certificate();
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(end);
        validate(certificate, authority, end.minusSeconds(1));
    }

    @Test
    void aCertificateMayHaveManyNames() throws Exception {
        Authority authority = authority(NOW);
        List<String> hosts = new ArrayList<>();
        IntStream.range(0, 3000).forEach(i -> hosts.add("host-" + i + ".example.com"));
        X509Certificate certificate =
                authority.issue("many", Authority.Use.SERVER, hosts, NOW).certificate();
        validate(certificate, authority, NOW);
        assertThat(certificate.getSubjectAlternativeNames()).hasSize(3000);
    }

    @Test
    void aKeyAndItsCertificateGoThroughTextTogether() throws Exception {
        Identity identity = authority(NOW).issue("admin", Authority.Use.CLIENT, List.of(), NOW);
        Identity read = Identity.parse(identity.pem());
        assertThat(read.certificate()).isEqualTo(identity.certificate());
        assertThat(isPair(read.key(), read.certificate().getPublicKey())).isTrue();
        assertThat(identity.pem().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThan(65));
        assertThat(identity.certificatePem()).doesNotContain("PRIVATE");
    }

    private static boolean isPair(PrivateKey key, PublicKey shown) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key);
        signature.update((byte) 1);
        byte[] signed = signature.sign();
        signature.initVerify(shown);
        signature.update((byte) 1);
        return signature.verify(signed);
    }
}
