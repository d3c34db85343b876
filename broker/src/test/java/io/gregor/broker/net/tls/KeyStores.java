package io.gregor.broker.net.tls;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.KeyStore;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** An authority, a certificate of the broker and one of a client, and the forms in which they are given. */
final class KeyStores {
    static final String PASSWORD = "open sesame";

    final X509Bundle authority;
    final X509Bundle broker;
    final X509Bundle client;

    KeyStores() throws Exception {
        authority = new CertificateBuilder()
                .subject("CN=authority")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        broker = new CertificateBuilder()
                .subject("CN=localhost,O=Gregor")
                .addSanDnsName("localhost")
                .buildIssuedBy(authority);
        client = new CertificateBuilder().subject("CN=Alice,OU=People").buildIssuedBy(authority);
    }

    /** A key store with the broker's key. */
    Path store(Path folder, String type) throws Exception {
        return write(folder.resolve("broker." + type), broker.toKeyStore(type, PASSWORD.toCharArray()));
    }

    /** A key store with the authority. */
    Path trust(Path folder, String type) throws Exception {
        KeyStore trust = KeyStore.getInstance(type);
        trust.load(null, null);
        trust.setCertificateEntry("authority", authority.getCertificate());
        return write(folder.resolve("trust." + type), trust);
    }

    private static Path write(Path file, KeyStore store) throws Exception {
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD.toCharArray());
        }
        return file;
    }

    /** The broker's key, encrypted with the password. */
    String encryptedKey() throws Exception {
        String algorithm = "PBEWithHmacSHA256AndAES_256";
        SecretKey secret =
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(PASSWORD.toCharArray()));
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(Cipher.ENCRYPT_MODE, secret);
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("PBES2");
        parameters.init(cipher.getParameters().getEncoded());
        byte[] encrypted = cipher.doFinal(broker.getKeyPair().getPrivate().getEncoded());
        byte[] encoded = new EncryptedPrivateKeyInfo(parameters, encrypted).getEncoded();
        return "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(encoded) + "\n-----END ENCRYPTED PRIVATE KEY-----\n";
    }
}
