package io.gregor.broker.secure;

import io.gregor.broker.security.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;

/** A private key, and the certificate of its public half. Immutable. */
record Identity(PrivateKey key, X509Certificate certificate) {
    private static final int LINE_CHARACTERS = 64;

    /** @throws IOException if there are not both in the text */
    static Identity parse(String pem) throws IOException, GeneralSecurityException {
        return new Identity(Pem.privateKey(pem, null), (X509Certificate)
                Pem.certificates(pem).get(0));
    }

    /** The key and after it the certificate, in one text, so that nobody has one without the other. */
    String pem() throws GeneralSecurityException {
        return block("PRIVATE KEY", key.getEncoded()) + certificatePem();
    }

    String certificatePem() throws GeneralSecurityException {
        return block("CERTIFICATE", certificate.getEncoded());
    }

    private static String block(String label, byte[] bytes) {
        Base64.Encoder encoder = Base64.getMimeEncoder(LINE_CHARACTERS, "\n".getBytes(StandardCharsets.US_ASCII));
        return "-----BEGIN " + label + "-----\n" + encoder.encodeToString(bytes) + "\n-----END " + label + "-----\n";
    }
}
