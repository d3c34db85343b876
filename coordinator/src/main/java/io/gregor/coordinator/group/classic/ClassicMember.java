package io.gregor.coordinator.group.classic;

import io.gregor.coordinator.runtime.Footprint;
import io.gregor.coordinator.runtime.Weight;
import io.gregor.wire.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.gregor.wire.message.JoinGroupResponse;
import io.gregor.wire.message.SyncGroupResponse;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A member of a classic group. Confined to the shard's lane. Its metadata is opaque to the broker. */
public final class ClassicMember {
    private static final byte[] NONE = new byte[0];

    private final String id;
    private final @Nullable String instanceId;
    private final String clientId;
    private final String clientHost;
    private int rebalanceTimeoutMs;
    private int sessionTimeoutMs;
    private List<JoinGroupRequestProtocol> protocols;
    private byte[] assignment = NONE;
    private boolean isNew;
    private @Nullable Consumer<JoinGroupResponse> awaitingJoin;
    private @Nullable Consumer<SyncGroupResponse> awaitingSync;
    private @Nullable Weight weight;

    public ClassicMember(
            String id,
            @Nullable String instanceId,
            String clientId,
            String clientHost,
            int rebalanceTimeoutMs,
            int sessionTimeoutMs,
            List<JoinGroupRequestProtocol> protocols) {
        this.id = id;
        this.instanceId = instanceId;
        this.clientId = clientId;
        this.clientHost = clientHost;
        this.rebalanceTimeoutMs = rebalanceTimeoutMs;
        this.sessionTimeoutMs = sessionTimeoutMs;
        this.protocols = protocols;
    }

    /** The same member under another id: a static one that has come back. */
    ClassicMember returned(String newId) {
        ClassicMember returned = new ClassicMember(
                newId, instanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols);
        returned.assignment = assignment;
        return returned;
    }

    public String id() {
        return id;
    }

    @Nullable
    public String instanceId() {
        return instanceId;
    }

    boolean isStatic() {
        return instanceId != null;
    }

    public String clientId() {
        return clientId;
    }

    public String clientHost() {
        return clientHost;
    }

    public int rebalanceTimeoutMs() {
        return rebalanceTimeoutMs;
    }

    public int sessionTimeoutMs() {
        return sessionTimeoutMs;
    }

    public List<JoinGroupRequestProtocol> protocols() {
        return protocols;
    }

    /** Takes over what the member says when it joins again. */
    void update(int rebalanceTimeout, int sessionTimeout, List<JoinGroupRequestProtocol> offered) {
        rebalanceTimeoutMs = rebalanceTimeout;
        sessionTimeoutMs = sessionTimeout;
        weigh(bytes(offered) - bytes(protocols));
        protocols = offered;
    }

    /** From now on it is a part of its group, and weighs as such. */
    void weighIn(Weight group) {
        weight = group;
        group.add(bytes());
    }

    void weighNoMore() {
        if (weight != null) {
            weight.add(-bytes());
            weight = null;
        }
    }

    private void weigh(long more) {
        if (weight != null) {
            weight.add(more);
        }
    }

    /** What the member takes, in bytes. */
    long bytes() {
        return 2 * (Footprint.of(id) + Footprint.ENTRY)
                + Footprint.of(instanceId)
                + Footprint.of(clientId)
                + Footprint.of(clientHost)
                + bytes(protocols)
                + Footprint.of(assignment)
                + 2 * Footprint.OBJECT
                + Footprint.TIMER;
    }

    /** What a member takes to say these protocols, in bytes. */
    static long bytes(List<JoinGroupRequestProtocol> protocols) {
        long bytes = 0;
        for (JoinGroupRequestProtocol protocol : protocols) {
            bytes += Footprint.of(protocol.name()) + Footprint.of(protocol.metadata()) + Footprint.OBJECT;
        }
        return bytes;
    }

    public byte[] assignment() {
        return assignment;
    }

    public void assignment(byte[] assigned) {
        weigh((long) assigned.length - assignment.length);
        assignment = assigned;
    }

    /** Whether it waits for its first join to complete, when no heartbeat can be expected. */
    boolean isNew() {
        return isNew;
    }

    void isNew(boolean value) {
        isNew = value;
    }

    boolean isAwaitingJoin() {
        return awaitingJoin != null;
    }

    boolean isAwaitingSync() {
        return awaitingSync != null;
    }

    void awaitJoin(Consumer<JoinGroupResponse> reply) {
        awaitingJoin = reply;
    }

    void awaitSync(Consumer<SyncGroupResponse> reply) {
        awaitingSync = reply;
    }

    /** Answers the join that waits, if one does. */
    void answerJoin(JoinGroupResponse response) {
        Consumer<JoinGroupResponse> reply = awaitingJoin;
        awaitingJoin = null;
        if (reply != null) {
            reply.accept(response);
        }
    }

    /** Answers the sync that waits, if one does. */
    void answerSync(SyncGroupResponse response) {
        Consumer<SyncGroupResponse> reply = awaitingSync;
        awaitingSync = null;
        if (reply != null) {
            reply.accept(response);
        }
    }

    /** What the member said about itself for that protocol; empty if it did not offer it. */
    public byte[] metadata(@Nullable String protocol) {
        for (JoinGroupRequestProtocol offered : protocols) {
            if (offered.name().equals(protocol)) {
                return offered.metadata();
            }
        }
        return NONE;
    }

    boolean offersTheSame(List<JoinGroupRequestProtocol> others) {
        if (others.size() != protocols.size()) {
            return false;
        }
        for (int i = 0; i < others.size(); i++) {
            boolean same = others.get(i).name().equals(protocols.get(i).name())
                    && Arrays.equals(others.get(i).metadata(), protocols.get(i).metadata());
            if (!same) {
                return false;
            }
        }
        return true;
    }
}
