package io.gregor.broker.api.security;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.AlterScramCredentials;
import io.gregor.wire.message.AlterUserScramCredentialsRequest;
import io.gregor.wire.message.AlterUserScramCredentialsResponse;
import io.gregor.wire.message.AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult;
import io.gregor.wire.message.ErrorCode;
import java.util.Set;
import java.util.TreeSet;

/** Sets and removes credentials of users; see {@link AlterScramCredentials} for the rules. */
public record AlterUserScramCredentialsHandler(ClusterMetadata metadata)
        implements ApiHandler<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse> {
    @Override
    public void handle(
            RequestContext context,
            AlterUserScramCredentialsRequest request,
            Reply<AlterUserScramCredentialsResponse> reply) {
        metadata.change(
                image -> AlterScramCredentials.decide(image, request),
                reply::send,
                error -> reply.send(failed(request, error)));
    }

    private static AlterUserScramCredentialsResponse failed(AlterUserScramCredentialsRequest request, ErrorCode error) {
        Set<String> users = new TreeSet<>();
        request.deletions().forEach(deletion -> users.add(deletion.name()));
        request.upsertions().forEach(upsertion -> users.add(upsertion.name()));
        return new AlterUserScramCredentialsResponse()
                .results(users.stream()
                        .map(user -> new AlterUserScramCredentialsResult()
                                .user(user)
                                .errorCode(error.code())
                                .errorMessage(error.message()))
                        .toList());
    }
}
