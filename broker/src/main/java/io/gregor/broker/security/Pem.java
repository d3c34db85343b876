package io.gregor.broker.security;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Certificates and private keys (PKCS #8) in the text form of RFC 7468. Pure. Keys are of RSA, EC or DSA. */
public final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String KEY = "PRIVATE KEY";
    private static final String ENCRYPTED_KEY = "ENCRYPTED PRIVATE KEY";
    private static final String PBES2 = "1.2.840.113549.1.5.13";

    private Pem() {}

    private record Block(String label, byte[] bytes) {}

    private static List<Block> blocks(String text) throws IOException {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            try {
                blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
            } catch (IllegalArgumentException e) {
                throw new IOException("its " + matcher.group(1) + " is no base 64", e);
            }
        }
        return blocks;
    }

    /** All certificates in the text, in order; at least one. */
    public static List<Certificate> certificates(String text) throws IOException, GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<Certificate> certificates = new ArrayList<>();
        for (Block block : blocks(text)) {
            if (block.label().equals(CERTIFICATE)) {
                certificates.add(factory.generateCertificate(new ByteArrayInputStream(block.bytes())));
            }
        }
        if (certificates.isEmpty()) {
            throw new IOException("there is no CERTIFICATE in it");
        }
        return certificates;
    }

    /** The first private key in the text. */
    public static PrivateKey privateKey(String text, @Nullable String password)
            throws IOException, GeneralSecurityException {
        for (Block block : blocks(text)) {
            if (block.label().equals(KEY)) {
                return privateKey(new PKCS8EncodedKeySpec(block.bytes()));
            }
            if (block.label().equals(ENCRYPTED_KEY)) {
                if (password == null) {
                    throw new IOException("its key is encrypted, and there is no password for it");
                }
                return privateKey(decrypt(new EncryptedPrivateKeyInfo(block.bytes()), password));
            }
        }
        throw new IOException("there is no PRIVATE KEY of PKCS #8 in it");
    }

    private static PKCS8EncodedKeySpec decrypt(EncryptedPrivateKeyInfo info, String password)
            throws GeneralSecurityException {
        String named = info.getAlgName();
        String algorithm = named.equals("PBES2") || named.equals(PBES2)
                ? info.getAlgParameters().toString()
                : named;
        SecretKey key = SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password.toCharArray()));
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(Cipher.DECRYPT_MODE, key, info.getAlgParameters());
        return info.getKeySpec(cipher);
    }

    private static PrivateKey privateKey(PKCS8EncodedKeySpec encoded) throws GeneralSecurityException {
        InvalidKeySpecException last = new InvalidKeySpecException("its key is of no known kind");
        for (String algorithm : List.of("RSA", "EC", "DSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException e) {
                last.addSuppressed(e);
            }
        }
        throw last;
    }
}
