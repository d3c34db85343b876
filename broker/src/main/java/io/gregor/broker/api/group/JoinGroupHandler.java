package io.gregor.broker.api.group;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.group.classic.JoinGroup;
import io.gregor.coordinator.group.classic.JoinRefusal;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.coordinator.runtime.Client;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.JoinGroupResponse;

/** Brings a client into its group; see {@link JoinGroup}. Before version 5 there are no static members. */
public record JoinGroupHandler(CoordinatorShards<GroupShard> groups)
        implements ApiHandler<JoinGroupRequest, JoinGroupResponse> {
    private static final int FIRST_VERSION_WITH_NULL_PROTOCOL = 7;

    @Override
    public void handle(RequestContext context, JoinGroupRequest request, Reply<JoinGroupResponse> reply) {
        Client client = new Client(
                context.clientId(),
                context.clientHost(),
                context.version(),
                topic -> context.wouldAllow(AclOperation.DESCRIBE, ResourceType.TOPIC, topic));
        groups.ask(
                request.groupId(),
                (shard, answer) -> shard.classicRequests().join(client, request, answer),
                error -> refused(request, error),
                response -> reply.send(inVersion(response, context.version())));
    }

    private static JoinGroupResponse refused(JoinGroupRequest request, ErrorCode error) {
        ErrorCode shown = request.groupId().isEmpty() ? ErrorCode.INVALID_GROUP_ID : error;
        return JoinRefusal.of(request.memberId(), shown);
    }

    private static JoinGroupResponse inVersion(JoinGroupResponse response, short version) {
        return version < FIRST_VERSION_WITH_NULL_PROTOCOL && response.protocolName() == null
                ? response.protocolName("")
                : response;
    }
}
