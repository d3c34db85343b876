package io.gregor.controller.operation;

import io.gregor.controller.AclCodes;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.ApiError;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.AccessControlEntryRecord;
import io.gregor.wire.message.CreateAclsRequest;
import io.gregor.wire.message.CreateAclsRequest.AclCreation;
import io.gregor.wire.message.CreateAclsResponse;
import io.gregor.wire.message.CreateAclsResponse.AclCreationResult;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Creates access control lists, each for itself; one that is there already is as good as created. Pure but for
 * {@code random}. One that makes no sense: INVALID_REQUEST.
 *
 * @param random where the ids of ACLs come from
 */
public record CreateAcls(RandomGenerator random) implements Operation<CreateAclsRequest, CreateAclsResponse> {
    /** What an ACL says. */
    private record Content(
            byte resourceType,
            String name,
            byte patternType,
            String principal,
            String host,
            byte operation,
            byte permission) {
        static Content of(AccessControlEntryRecord acl) {
            return new Content(
                    acl.resourceType(),
                    acl.resourceName(),
                    acl.patternType(),
                    acl.principal(),
                    acl.host(),
                    acl.operation(),
                    acl.permissionType());
        }
    }

    @Override
    public ControllerResult<CreateAclsResponse> decide(
            MetadataImage image, CreateAclsRequest request, ControllerContext context) {
        Set<Content> known = new HashSet<>();
        image.acls().values().forEach(acl -> known.add(Content.of(acl)));
        List<Message> records = new ArrayList<>();
        List<AclCreationResult> results = new ArrayList<>();
        for (AclCreation creation : request.creations()) {
            String objection = objection(creation);
            if (objection == null) {
                AccessControlEntryRecord acl = record(creation);
                if (known.add(Content.of(acl))) {
                    records.add(acl);
                }
                results.add(new AclCreationResult());
            } else {
                results.add(refused(new ApiError(ErrorCode.INVALID_REQUEST, objection)));
            }
        }
        return new ControllerResult<>(records, new CreateAclsResponse().results(results));
    }

    @Override
    public CreateAclsResponse refused(CreateAclsRequest request, ApiError error) {
        return new CreateAclsResponse()
                .results(request.creations().stream()
                        .map(creation -> refused(error))
                        .toList());
    }

    private static AclCreationResult refused(ApiError error) {
        return new AclCreationResult().errorCode(error.code().code()).errorMessage(error.message());
    }

    private static @Nullable String objection(AclCreation creation) {
        String name = creation.resourceName();
        if (creation.resourceType() == AclCodes.CLUSTER && !name.equals(AclCodes.CLUSTER_NAME)) {
            return "The only valid name for the CLUSTER resource is " + AclCodes.CLUSTER_NAME;
        }
        if (name.isEmpty()) {
            return "Invalid empty resource name";
        }
        String objection = AclCodes.objection(
                creation.resourceType(),
                creation.resourcePatternType(),
                creation.operation(),
                creation.permissionType());
        if (objection != null) {
            return objection;
        }
        return creation.principal().contains(":")
                ? null
                : "Could not parse principal from `" + creation.principal()
                        + "` (no colon is present separating the principal type from the principal name)";
    }

    private AccessControlEntryRecord record(AclCreation creation) {
        return new AccessControlEntryRecord()
                .id(Uuid.random(random))
                .resourceType(creation.resourceType())
                .resourceName(creation.resourceName())
                .patternType(creation.resourcePatternType())
                .principal(creation.principal())
                .host(creation.host())
                .operation(creation.operation())
                .permissionType(creation.permissionType());
    }
}
