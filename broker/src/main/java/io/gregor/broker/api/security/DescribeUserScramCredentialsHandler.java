package io.gregor.broker.api.security;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.wire.message.DescribeUserScramCredentialsRequest;
import io.gregor.wire.message.DescribeUserScramCredentialsRequest.UserName;
import io.gregor.wire.message.DescribeUserScramCredentialsResponse;
import io.gregor.wire.message.DescribeUserScramCredentialsResponse.CredentialInfo;
import io.gregor.wire.message.DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.UserScramCredentialRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which mechanisms users have credentials for, and with how many iterations (KIP-554). */
public final class DescribeUserScramCredentialsHandler
        implements ApiHandler<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse> {
    private final ClusterMetadata metadata;

    public DescribeUserScramCredentialsHandler(ClusterMetadata metadata) {
        this.metadata = metadata;
    }

    @Override
    public void handle(
            RequestContext context,
            DescribeUserScramCredentialsRequest request,
            Reply<DescribeUserScramCredentialsResponse> reply) {
        Map<String, Map<Byte, UserScramCredentialRecord>> known =
                metadata.image().scram();
        List<UserName> named = request.users();
        Map<String, Integer> wanted = new LinkedHashMap<>();
        if (named == null || named.isEmpty()) {
            known.keySet().forEach(user -> wanted.put(user, 1));
        } else {
            named.forEach(user -> wanted.merge(user.name(), 1, Integer::sum));
        }
        List<DescribeUserScramCredentialsResult> results = new ArrayList<>();
        wanted.forEach((user, times) -> results.add(
                times > 1
                        ? refused(
                                user,
                                ErrorCode.DUPLICATE_RESOURCE,
                                "Cannot describe SCRAM credentials for the same user twice in a single request: ")
                        : describe(user, known.getOrDefault(user, Map.of()))));
        reply.send(new DescribeUserScramCredentialsResponse().results(results));
    }

    private static DescribeUserScramCredentialsResult describe(
            String user, Map<Byte, UserScramCredentialRecord> credentials) {
        if (credentials.isEmpty()) {
            return refused(
                    user, ErrorCode.RESOURCE_NOT_FOUND, "Attempt to describe a user credential that does not exist: ");
        }
        List<CredentialInfo> infos = new ArrayList<>();
        credentials.forEach((mechanism, credential) ->
                infos.add(new CredentialInfo().mechanism(mechanism).iterations(credential.iterations())));
        return new DescribeUserScramCredentialsResult().user(user).credentialInfos(infos);
    }

    private static DescribeUserScramCredentialsResult refused(String user, ErrorCode error, String message) {
        return new DescribeUserScramCredentialsResult()
                .user(user)
                .errorCode(error.code())
                .errorMessage(message + user);
    }
}
