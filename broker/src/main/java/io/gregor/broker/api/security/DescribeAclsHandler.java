package io.gregor.broker.api.security;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.AclFilter;
import io.gregor.wire.message.AccessControlEntryRecord;
import io.gregor.wire.message.DescribeAclsRequest;
import io.gregor.wire.message.DescribeAclsResponse;
import io.gregor.wire.message.DescribeAclsResponse.AclDescription;
import io.gregor.wire.message.DescribeAclsResponse.DescribeAclsResource;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The access control lists that a filter matches, by their patterns. A filter that makes no sense: INVALID_REQUEST. */
public record DescribeAclsHandler(ClusterMetadata metadata)
        implements ApiHandler<DescribeAclsRequest, DescribeAclsResponse> {
    @Override
    public void handle(RequestContext context, DescribeAclsRequest request, Reply<DescribeAclsResponse> reply) {
        AclFilter filter = new AclFilter(
                request.resourceTypeFilter(),
                request.resourceNameFilter(),
                request.patternTypeFilter(),
                request.principalFilter(),
                request.hostFilter(),
                request.operation(),
                request.permissionType());
        String objection = filter.objection();
        if (objection != null) {
            reply.send(new DescribeAclsResponse()
                    .errorCode(ErrorCode.INVALID_REQUEST.code())
                    .errorMessage(objection));
            return;
        }
        Map<List<Object>, DescribeAclsResource> resources = new LinkedHashMap<>();
        for (AccessControlEntryRecord acl : metadata.image().acls().values()) {
            if (filter.matches(acl)) {
                resources
                        .computeIfAbsent(
                                List.of(acl.resourceType(), acl.resourceName(), acl.patternType()),
                                pattern -> resource(acl))
                        .acls()
                        .add(description(acl));
            }
        }
        reply.send(new DescribeAclsResponse().resources(List.copyOf(resources.values())));
    }

    private static DescribeAclsResource resource(AccessControlEntryRecord acl) {
        return new DescribeAclsResource()
                .resourceType(acl.resourceType())
                .resourceName(acl.resourceName())
                .patternType(acl.patternType())
                .acls(new ArrayList<>());
    }

    private static AclDescription description(AccessControlEntryRecord acl) {
        return new AclDescription()
                .principal(acl.principal())
                .host(acl.host())
                .operation(acl.operation())
                .permissionType(acl.permissionType());
    }
}
