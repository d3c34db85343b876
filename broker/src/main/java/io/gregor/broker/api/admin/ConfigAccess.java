package io.gregor.broker.api.admin;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.ConfigResource;
import io.gregor.wire.message.ErrorCode;

/**
 * What a client must be allowed for configurations: of a topic or a group that resource itself, of all else the
 * cluster. Pure.
 */
final class ConfigAccess {
    private ConfigAccess() {}

    /** NONE, or why the client may not alter that; a type that nobody knows is for the controller to refuse. */
    static ErrorCode checkAlter(RequestContext context, byte type, String name) {
        boolean known = switch (type) {
            case ConfigResource.TOPIC,
                    ConfigResource.BROKER,
                    ConfigResource.BROKER_LOGGER,
                    ConfigResource.CLIENT_METRICS,
                    ConfigResource.GROUP -> true;
            default -> false;
        };
        return known ? check(context, AclOperation.ALTER_CONFIGS, type, name) : ErrorCode.NONE;
    }

    /** NONE, or why the client may not. */
    static ErrorCode check(RequestContext context, AclOperation operation, byte type, String name) {
        return switch (type) {
            case ConfigResource.TOPIC ->
                context.allows(operation, ResourceType.TOPIC, name)
                        ? ErrorCode.NONE
                        : ErrorCode.TOPIC_AUTHORIZATION_FAILED;
            case ConfigResource.GROUP ->
                context.allows(operation, ResourceType.GROUP, name)
                        ? ErrorCode.NONE
                        : ErrorCode.GROUP_AUTHORIZATION_FAILED;
            default ->
                context.allows(operation, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)
                        ? ErrorCode.NONE
                        : ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
        };
    }
}
