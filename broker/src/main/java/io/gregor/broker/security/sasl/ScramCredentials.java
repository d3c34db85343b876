package io.gregor.broker.security.sasl;

import io.gregor.wire.message.UserScramCredentialRecord;
import org.jspecify.annotations.Nullable;

/** The credentials of users, as they are now. Called on I/O loops; must not block. */
@FunctionalInterface
public interface ScramCredentials {
    /** @param mechanism the number that it has in the metadata */
    @Nullable
    UserScramCredentialRecord find(String user, byte mechanism);
}
