package io.gregor.broker.api.security;

import io.gregor.broker.access.Principal;
import io.gregor.broker.net.ApiRegistry;
import io.gregor.broker.net.RequestContext;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.CreateAclsRequest;
import io.gregor.wire.message.CreateAclsResponse;
import io.gregor.wire.message.CreateDelegationTokenRequest;
import io.gregor.wire.message.CreateDelegationTokenResponse;
import io.gregor.wire.message.DeleteAclsRequest;
import io.gregor.wire.message.DeleteAclsResponse;
import io.gregor.wire.message.DescribeAclsRequest;
import io.gregor.wire.message.DescribeAclsResponse;
import io.gregor.wire.message.DescribeDelegationTokenRequest;
import io.gregor.wire.message.DescribeDelegationTokenResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ExpireDelegationTokenRequest;
import io.gregor.wire.message.ExpireDelegationTokenResponse;
import io.gregor.wire.message.RenewDelegationTokenRequest;
import io.gregor.wire.message.RenewDelegationTokenResponse;
import java.util.Objects;

/**
 * What a broker without an authorizer and without delegation tokens answers to whoever asks for either: as Apache Kafka
 * does, which is how tools find out.
 */
public final class WithoutSecurity {
    private static final int FIRST_VERSION_WITH_REQUESTER = 3;
    private static final String NO_AUTHORIZER = "No Authorizer is configured";

    private WithoutSecurity() {}

    /** Where there is no authorizer. */
    public static void registerAcls(ApiRegistry registry) {
        registry.<DescribeAclsRequest, DescribeAclsResponse>add(
                        ApiKey.DESCRIBE_ACLS,
                        (context, request, reply) -> reply.send(new DescribeAclsResponse()
                                .errorCode(ErrorCode.SECURITY_DISABLED.code())
                                .errorMessage(NO_AUTHORIZER + " on the broker")))
                .<CreateAclsRequest, CreateAclsResponse>add(
                        ApiKey.CREATE_ACLS, (context, request, reply) -> reply.send(create(request)))
                .<DeleteAclsRequest, DeleteAclsResponse>add(
                        ApiKey.DELETE_ACLS, (context, request, reply) -> reply.send(delete(request)));
    }

    public static void register(ApiRegistry registry) {
        registry.<CreateDelegationTokenRequest, CreateDelegationTokenResponse>add(
                        ApiKey.CREATE_DELEGATION_TOKEN,
                        (context, request, reply) -> reply.send(create(context, request)))
                .<RenewDelegationTokenRequest, RenewDelegationTokenResponse>add(
                        ApiKey.RENEW_DELEGATION_TOKEN,
                        (context, request, reply) -> reply.send(new RenewDelegationTokenResponse()
                                .errorCode(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.code())
                                .expiryTimestampMs(-1)))
                .<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse>add(
                        ApiKey.EXPIRE_DELEGATION_TOKEN,
                        (context, request, reply) -> reply.send(new ExpireDelegationTokenResponse()
                                .errorCode(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.code())
                                .expiryTimestampMs(-1)))
                .<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse>add(
                        ApiKey.DESCRIBE_DELEGATION_TOKEN,
                        (context, request, reply) -> reply.send(new DescribeDelegationTokenResponse()
                                .errorCode(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.code())));
    }

    private static CreateAclsResponse create(CreateAclsRequest request) {
        return new CreateAclsResponse()
                .results(request.creations().stream()
                        .map(creation -> new CreateAclsResponse.AclCreationResult()
                                .errorCode(ErrorCode.SECURITY_DISABLED.code())
                                .errorMessage(NO_AUTHORIZER + "."))
                        .toList());
    }

    private static DeleteAclsResponse delete(DeleteAclsRequest request) {
        return new DeleteAclsResponse()
                .filterResults(request.filters().stream()
                        .map(filter -> new DeleteAclsResponse.DeleteAclsFilterResult()
                                .errorCode(ErrorCode.SECURITY_DISABLED.code())
                                .errorMessage(NO_AUTHORIZER + "."))
                        .toList());
    }

    private static CreateDelegationTokenResponse create(RequestContext context, CreateDelegationTokenRequest request) {
        String owner = Objects.requireNonNullElse(request.ownerPrincipalName(), "");
        String type = Objects.requireNonNullElse(request.ownerPrincipalType(), "");
        Principal requester = context.caller().principal();
        CreateDelegationTokenResponse response = new CreateDelegationTokenResponse()
                .errorCode(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.code())
                .principalType(owner.isEmpty() ? requester.type() : type)
                .principalName(owner.isEmpty() ? requester.name() : owner)
                .issueTimestampMs(-1)
                .expiryTimestampMs(-1)
                .maxTimestampMs(-1);
        return context.version() < FIRST_VERSION_WITH_REQUESTER
                ? response
                : response.tokenRequesterPrincipalType(requester.type()).tokenRequesterPrincipalName(requester.name());
    }
}
