package io.gregor.controller.operation;

import io.gregor.controller.AclFilter;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.ApiError;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.AccessControlEntryRecord;
import io.gregor.wire.message.DeleteAclsRequest;
import io.gregor.wire.message.DeleteAclsRequest.DeleteAclsFilter;
import io.gregor.wire.message.DeleteAclsResponse;
import io.gregor.wire.message.DeleteAclsResponse.DeleteAclsFilterResult;
import io.gregor.wire.message.DeleteAclsResponse.DeleteAclsMatchingAcl;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.RemoveAccessControlEntryRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Deletes the access control lists that filters match. Pure. A filter that makes no sense: INVALID_REQUEST. An ACL that
 * several filters match is told with each.
 */
public record DeleteAcls() implements Operation<DeleteAclsRequest, DeleteAclsResponse> {
    @Override
    public ControllerResult<DeleteAclsResponse> decide(
            MetadataImage image, DeleteAclsRequest request, ControllerContext context) {
        Map<Uuid, Message> records = new LinkedHashMap<>();
        List<DeleteAclsFilterResult> results = new ArrayList<>();
        for (DeleteAclsFilter wanted : request.filters()) {
            AclFilter filter = filter(wanted);
            String objection = filter.objection();
            if (objection != null) {
                results.add(refused(new ApiError(ErrorCode.INVALID_REQUEST, objection)));
                continue;
            }
            List<DeleteAclsMatchingAcl> matching = new ArrayList<>();
            for (AccessControlEntryRecord acl : image.acls().values()) {
                if (filter.matches(acl)) {
                    matching.add(matching(acl));
                    records.put(acl.id(), new RemoveAccessControlEntryRecord().id(acl.id()));
                }
            }
            results.add(new DeleteAclsFilterResult().errorMessage(null).matchingAcls(matching));
        }
        return new ControllerResult<>(List.copyOf(records.values()), new DeleteAclsResponse().filterResults(results));
    }

    @Override
    public DeleteAclsResponse refused(DeleteAclsRequest request, ApiError error) {
        return new DeleteAclsResponse()
                .filterResults(
                        request.filters().stream().map(filter -> refused(error)).toList());
    }

    private static DeleteAclsFilterResult refused(ApiError error) {
        return new DeleteAclsFilterResult().errorCode(error.code().code()).errorMessage(error.message());
    }

    private static AclFilter filter(DeleteAclsFilter filter) {
        return new AclFilter(
                filter.resourceTypeFilter(),
                filter.resourceNameFilter(),
                filter.patternTypeFilter(),
                filter.principalFilter(),
                filter.hostFilter(),
                filter.operation(),
                filter.permissionType());
    }

    private static DeleteAclsMatchingAcl matching(AccessControlEntryRecord acl) {
        return new DeleteAclsMatchingAcl()
                .errorMessage(null)
                .resourceType(acl.resourceType())
                .resourceName(acl.resourceName())
                .patternType(acl.patternType())
                .principal(acl.principal())
                .host(acl.host())
                .operation(acl.operation())
                .permissionType(acl.permissionType());
    }
}
