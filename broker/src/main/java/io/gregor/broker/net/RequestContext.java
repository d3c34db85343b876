package io.gregor.broker.net;

import io.gregor.broker.access.Access;
import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.Caller;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.lane.Lane;
import io.gregor.controller.ControllerContext;
import java.util.function.Predicate;

/**
 * Who asks, how, and on which I/O loop the answer is expected. Its peer is used on the loop only, all else on any
 * thread.
 *
 * @param bytes how long the request is
 * @param caller who the peer was when the request came
 * @param loop the connection's own lane
 * @param access decides what the peer may do
 */
public record RequestContext(
        short version, int bytes, String clientId, Caller caller, Peer peer, Lane loop, Access access) {
    /** Whether the client may do that with the resource. */
    public boolean allows(AclOperation operation, ResourceType type, String name) {
        return access.allows(caller, operation, type, name);
    }

    /** As {@link #allows}, where a refusal is no attempt at what is forbidden, and is not logged. */
    public boolean wouldAllow(AclOperation operation, ResourceType type, String name) {
        return access.wouldAllow(caller, operation, type, name);
    }

    /** Tells of names whether the client may do that; asks once for each. Confined to one thread at a time. */
    public Predicate<String> allowing(AclOperation operation, ResourceType type) {
        return access.allowing(caller, operation, type);
    }

    /** All that the client may do with the cluster, as answers show it: nothing, if it may not even describe it. */
    public int operationsOnCluster() {
        return allows(AclOperation.DESCRIBE, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)
                ? allowedOperations(ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)
                : 0;
    }

    /** All that the client may do with the resource, as answers show it. */
    public int allowedOperations(ResourceType type, String name) {
        return access.allowedOperations(caller, type, name);
    }

    /** The name of the listener that the client came through. */
    public String listener() {
        return caller.listener();
    }

    /** The address as group descriptions show it. */
    public String clientHost() {
        return "/" + caller.address().getAddress().getHostAddress();
    }

    /** What the controller is told of who asks. */
    public ControllerContext toController() {
        return new ControllerContext(version, clientId, requester());
    }

    /** Who asks, for the log. */
    public String requester() {
        return caller.principal() + " with client id " + clientId + " at " + clientHost();
    }
}
