package io.gregor.controller;

import java.util.Set;

/**
 * Who asks the controller for a change, and what was looked up for it. Immutable.
 *
 * @param version of the request
 * @param clientId whose quota of changes the request counts against
 * @param requester who asks, for the log; empty if the broker itself does
 * @param unknownHosts names of hosts in the request that the name service does not know
 * @param hiddenConfigs topics in the request whose configurations the client may not see
 */
public record ControllerContext(
        short version, String clientId, String requester, Set<String> unknownHosts, Set<String> hiddenConfigs) {
    public ControllerContext(short version, String clientId, String requester) {
        this(version, clientId, requester, Set.of(), Set.of());
    }

    /** Of a request that the broker makes by itself. */
    public ControllerContext(short version, String clientId) {
        this(version, clientId, "", Set.of(), Set.of());
    }

    public ControllerContext withUnknownHosts(Set<String> hosts) {
        return new ControllerContext(version, clientId, requester, hosts, hiddenConfigs);
    }

    public ControllerContext withHiddenConfigs(Set<String> topics) {
        return new ControllerContext(version, clientId, requester, unknownHosts, topics);
    }
}
