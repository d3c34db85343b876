package io.gregor.broker.seed;

import io.gregor.broker.security.sasl.ScramHash;
import io.gregor.wire.message.AlterUserScramCredentialsRequest;
import io.gregor.wire.message.AlterUserScramCredentialsRequest.ScramCredentialUpsertion;
import io.gregor.wire.message.AlterUserScramCredentialsResponse;
import io.gregor.wire.message.AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult;
import io.gregor.wire.message.ApiKey;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;

/**
 * Gives users passwords for SCRAM. Confined to the thread that starts the broker. Stored is what can be told from a
 * password, and not the password.
 */
public record ScramPasswords(OwnRequests broker, SecureRandom random) {
    private static final int VERSION = 0;
    private static final int SALT_BYTES = 20;

    /** One mechanism at a time: as in Apache Kafka, a request may name a user once only. */
    public AlterUserScramCredentialsResult set(String user, String password, ScramHash mechanism, int iterations)
            throws IOException, InterruptedException {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        ScramCredentialUpsertion upsertion = new ScramCredentialUpsertion()
                .name(user)
                .mechanism(mechanism.number())
                .iterations(iterations)
                .salt(salt)
                .saltedPassword(mechanism.salted(password, salt, iterations));
        return broker.ask(
                        AlterUserScramCredentialsResponse.class,
                        ApiKey.ALTER_USER_SCRAM_CREDENTIALS,
                        VERSION,
                        new AlterUserScramCredentialsRequest().upsertions(List.of(upsertion)))
                .results()
                .get(0);
    }
}
