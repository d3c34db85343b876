package io.gregor.broker.secure;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.security.sasl.ScramHash;
import io.gregor.broker.seed.ScramPasswords;
import io.gregor.wire.message.AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.UserScramCredentialRecord;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Map;

/**
 * The user of {@code --secure} in the metadata, where SCRAM finds it. Confined to the thread that starts the broker.
 */
record AdminUser(ScramPasswords passwords, ClusterMetadata metadata) {

    private Map<Byte, UserScramCredentialRecord> stored() {
        return metadata.image().scram().getOrDefault(SecureProfile.USER, Map.of());
    }

    /** Whether the user has some other password. */
    boolean differs(String password) {
        for (ScramHash hash : ScramHash.values()) {
            UserScramCredentialRecord stored = stored().get(hash.number());
            if (stored != null) {
                byte[] salted = hash.salted(password, stored.salt(), stored.iterations());
                if (!MessageDigest.isEqual(hash.serverKey(salted), stored.serverKey())) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Gives the user the password.
     *
     * @param anew also where there is one
     */
    void set(String password, boolean anew) throws IOException, InterruptedException {
        for (ScramHash hash : ScramHash.values()) {
            if (anew || !stored().containsKey(hash.number())) {
                AlterUserScramCredentialsResult result =
                        passwords.set(SecureProfile.USER, password, hash, ScramHash.ITERATIONS_MIN);
                if (result.errorCode() != ErrorCode.NONE.code()) {
                    throw new IOException("the user " + SecureProfile.USER + " cannot be stored, "
                            + ErrorCode.of(result.errorCode()) + ": " + result.errorMessage());
                }
            }
        }
    }
}
