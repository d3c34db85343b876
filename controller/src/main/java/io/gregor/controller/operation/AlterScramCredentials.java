package io.gregor.controller.operation;

import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.ApiError;
import io.gregor.wire.Message;
import io.gregor.wire.message.AlterUserScramCredentialsRequest;
import io.gregor.wire.message.AlterUserScramCredentialsRequest.ScramCredentialDeletion;
import io.gregor.wire.message.AlterUserScramCredentialsRequest.ScramCredentialUpsertion;
import io.gregor.wire.message.AlterUserScramCredentialsResponse;
import io.gregor.wire.message.AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.RemoveUserScramCredentialRecord;
import io.gregor.wire.message.UserScramCredentialRecord;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Sets and removes the credentials of users, each for itself (KIP-554). Pure. */
public record AlterScramCredentials()
        implements Operation<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse> {
    private static final short FIRST_METADATA_VERSION = 11;
    private static final int LEAST_ITERATIONS = 4_096;
    private static final int MOST_ITERATIONS = 16_384;

    /** What is to become of one user. */
    private record Outcome(
            ErrorCode error,
            @Nullable String message,
            @Nullable Message record) {
        static Outcome refused(ErrorCode error, String message) {
            return new Outcome(error, message, null);
        }
    }

    @Override
    public ControllerResult<AlterUserScramCredentialsResponse> decide(
            MetadataImage image, AlterUserScramCredentialsRequest request, ControllerContext context) {
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (ScramCredentialDeletion deletion : request.deletions()) {
            outcomes.merge(deletion.name(), remove(image, deletion), AlterScramCredentials::both);
        }
        for (ScramCredentialUpsertion upsertion : request.upsertions()) {
            outcomes.merge(upsertion.name(), set(image, upsertion), AlterScramCredentials::both);
        }
        List<Message> records = new ArrayList<>();
        List<AlterUserScramCredentialsResult> results = new ArrayList<>();
        outcomes.forEach((user, outcome) -> {
            if (outcome.record() != null) {
                records.add(outcome.record());
            }
            results.add(new AlterUserScramCredentialsResult()
                    .user(user)
                    .errorCode(outcome.error().code())
                    .errorMessage(outcome.message()));
        });
        return new ControllerResult<>(records, new AlterUserScramCredentialsResponse().results(results));
    }

    @Override
    public AlterUserScramCredentialsResponse refused(AlterUserScramCredentialsRequest request, ApiError error) {
        Set<String> users = new TreeSet<>();
        request.deletions().forEach(deletion -> users.add(deletion.name()));
        request.upsertions().forEach(upsertion -> users.add(upsertion.name()));
        return new AlterUserScramCredentialsResponse()
                .results(users.stream()
                        .map(user -> new AlterUserScramCredentialsResult()
                                .user(user)
                                .errorCode(error.code().code())
                                .errorMessage(error.message()))
                        .toList());
    }

    /** Of what is named twice; the first error is the one that is told. */
    private static Outcome both(Outcome first, Outcome second) {
        return first.record() == null
                ? first
                : Outcome.refused(
                        ErrorCode.DUPLICATE_RESOURCE, "A user credential cannot be altered twice in the same request");
    }

    private static Outcome remove(MetadataImage image, ScramCredentialDeletion deletion) {
        Outcome refused = check(image, deletion.name(), deletion.mechanism());
        if (refused != null) {
            return refused;
        }
        if (!image.scram().getOrDefault(deletion.name(), Map.of()).containsKey(deletion.mechanism())) {
            return Outcome.refused(
                    ErrorCode.RESOURCE_NOT_FOUND, "Attempt to delete a user credential that does not exist");
        }
        return new Outcome(
                ErrorCode.NONE,
                null,
                new RemoveUserScramCredentialRecord().name(deletion.name()).mechanism(deletion.mechanism()));
    }

    private static Outcome set(MetadataImage image, ScramCredentialUpsertion upsertion) {
        Outcome refused = check(image, upsertion.name(), upsertion.mechanism());
        if (refused != null) {
            return refused;
        }
        if (upsertion.iterations() < LEAST_ITERATIONS) {
            return Outcome.refused(ErrorCode.UNACCEPTABLE_CREDENTIAL, "Too few iterations");
        }
        if (upsertion.iterations() > MOST_ITERATIONS) {
            return Outcome.refused(ErrorCode.UNACCEPTABLE_CREDENTIAL, "Too many iterations");
        }
        ScramMechanism mechanism = ScramMechanism.of(upsertion.mechanism());
        try {
            byte[] clientKey = hmac(mechanism, upsertion.saltedPassword(), "Client Key");
            return new Outcome(
                    ErrorCode.NONE,
                    null,
                    new UserScramCredentialRecord()
                            .name(upsertion.name())
                            .mechanism(upsertion.mechanism())
                            .salt(upsertion.salt())
                            .storedKey(MessageDigest.getInstance(mechanism.digest())
                                    .digest(clientKey))
                            .serverKey(hmac(mechanism, upsertion.saltedPassword(), "Server Key"))
                            .iterations(upsertion.iterations()));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Outcome.refused(ErrorCode.UNKNOWN_SERVER_ERROR, String.valueOf(e.getMessage()));
        }
    }

    private static byte[] hmac(ScramMechanism mechanism, byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(mechanism.mac());
        mac.init(new SecretKeySpec(key, mechanism.mac()));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable Outcome check(MetadataImage image, String user, byte mechanism) {
        if (image.metadataVersion() < FIRST_METADATA_VERSION) {
            return Outcome.refused(
                    ErrorCode.UNSUPPORTED_VERSION, "The current metadata.version does not support SCRAM");
        }
        if (user.isEmpty()) {
            return Outcome.refused(ErrorCode.UNACCEPTABLE_CREDENTIAL, "Username must not be empty");
        }
        return ScramMechanism.of(mechanism) == ScramMechanism.UNKNOWN
                ? Outcome.refused(ErrorCode.UNSUPPORTED_SASL_MECHANISM, "Unknown SCRAM mechanism")
                : null;
    }
}
