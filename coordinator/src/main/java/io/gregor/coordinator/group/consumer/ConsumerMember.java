package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.runtime.Footprint;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import io.gregor.wire.message.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A member of a consumer group: what it says of itself, and where it stands. Immutable. */
public record ConsumerMember(String id, MemberMetadata profile, CurrentAssignment standing) {
    /** The epoch of a request that joins. */
    static final int JOIN_EPOCH = 0;
    /** The epoch of a request that leaves. */
    static final int LEAVE_EPOCH = -1;
    /** The epoch of a static member that is away, and of the request that says so. */
    static final int STATIC_LEAVE_EPOCH = -2;

    /** Where a member is on its way to its target assignment; the ids are those of the records. */
    public enum State {
        /** It has what it is to have. */
        STABLE(0),
        /** It has to give up partitions, and has not said that it did. */
        UNREVOKED_PARTITIONS(1),
        /** It waits for partitions that others still have. */
        UNRELEASED_PARTITIONS(2),
        /** Written by a version that knows more states. */
        UNKNOWN(127);

        private final byte id;

        State(int id) {
            this.id = (byte) id;
        }

        byte id() {
            return id;
        }

        static State of(byte id) {
            for (State state : values()) {
                if (state.id == id) {
                    return state;
                }
            }
            return UNKNOWN;
        }
    }

    /**
     * What a member says of itself.
     *
     * @param regex the topics it reads besides those that it names; empty if none
     * @param rebalanceTimeoutMs how long it may take to give up partitions
     * @param classic what it is in the classic protocol, if it speaks that
     */
    public record MemberMetadata(
            @Nullable String instanceId,
            @Nullable String rackId,
            String clientId,
            String clientHost,
            Set<String> topics,
            String regex,
            int rebalanceTimeoutMs,
            @Nullable String assignor,
            @Nullable ClassicMemberMetadata classic) {
        static final MemberMetadata NEW = new MemberMetadata(null, null, "", "", Set.of(), "", -1, null, null);

        /** What it takes, in bytes. */
        long bytes() {
            long bytes = 2 * Footprint.OBJECT + 2 * Footprint.of(instanceId) + Footprint.of(rackId);
            bytes += Footprint.of(clientId) + Footprint.of(clientHost) + 2 * Footprint.of(regex);
            bytes += Footprint.of(assignor);
            for (String topic : topics) {
                bytes += Footprint.of(topic) + Footprint.ENTRY;
            }
            if (classic != null) {
                for (ClassicProtocol protocol : classic.supportedProtocols()) {
                    bytes += Footprint.of(protocol.name()) + Footprint.of(protocol.metadata()) + Footprint.OBJECT;
                }
            }
            return bytes;
        }
    }

    /**
     * How far a member has come. Partitions are by topic, each with the epoch in which the member got it.
     *
     * @param assigned what it may use
     * @param revoking what it still has to give up
     */
    public record CurrentAssignment(
            int epoch,
            int previousEpoch,
            State state,
            Map<Uuid, Map<Integer, Integer>> assigned,
            Map<Uuid, Map<Integer, Integer>> revoking) {
        static final CurrentAssignment NEW = new CurrentAssignment(0, -1, State.STABLE, Map.of(), Map.of());

        /** What it takes, with what the group remembers of the partitions' owners, in bytes. */
        long bytes() {
            return Footprint.OBJECT + bytes(assigned) + bytes(revoking);
        }

        private static long bytes(Map<Uuid, Map<Integer, Integer>> partitions) {
            long bytes = 0;
            for (Map<Integer, Integer> ofTopic : partitions.values()) {
                bytes += Footprint.OBJECT + 2 * (Footprint.ENTRY + Footprint.MAP);
                bytes += (long) ofTopic.size() * 2 * (Footprint.ENTRY + 2 * Footprint.NUMBER);
            }
            return bytes;
        }

        /** In the given epoch, with what it says; the epoch before is remembered. */
        CurrentAssignment advance(
                int nextEpoch,
                State nextState,
                Map<Uuid, Map<Integer, Integer>> nowAssigned,
                Map<Uuid, Map<Integer, Integer>> nowRevoking) {
            return new CurrentAssignment(nextEpoch, epoch, nextState, nowAssigned, nowRevoking);
        }

        /** The epoch in which the member got that partition, or null if it has not got it. */
        @Nullable
        Integer assignmentEpoch(Uuid topic, int partition) {
            Integer epochOfAssigned = assigned.getOrDefault(topic, Map.of()).get(partition);
            return epochOfAssigned != null
                    ? epochOfAssigned
                    : revoking.getOrDefault(topic, Map.of()).get(partition);
        }
    }

    public static ConsumerMember create(String id) {
        return new ConsumerMember(id, MemberMetadata.NEW, CurrentAssignment.NEW);
    }

    ConsumerMember with(MemberMetadata changed) {
        return new ConsumerMember(id, changed, standing);
    }

    ConsumerMember with(CurrentAssignment changed) {
        return new ConsumerMember(id, profile, changed);
    }

    /** What the member takes, in bytes. */
    long bytes() {
        return 2 * Footprint.of(id) + 2 * Footprint.ENTRY + Footprint.TIMER + profile.bytes() + standing.bytes();
    }

    public int epoch() {
        return standing.epoch();
    }

    public boolean isClassic() {
        return profile.classic() != null;
    }

    /** The session timeout of a member that speaks the classic protocol. */
    public int classicSessionTimeoutMs() {
        ClassicMemberMetadata classic = profile.classic();
        return classic == null ? -1 : classic.sessionTimeoutMs();
    }

    boolean isReconciledTo(int targetEpoch) {
        return standing.state() == State.STABLE && standing.epoch() == targetEpoch;
    }

    /** A static member that goes for a while: it keeps its partitions, as of no epoch. */
    ConsumerMember away() {
        Map<Uuid, Map<Integer, Integer>> kept = new HashMap<>();
        standing.assigned().forEach((topic, partitions) -> {
            Map<Integer, Integer> epochs = new HashMap<>();
            partitions.keySet().forEach(partition -> epochs.put(partition, 0));
            kept.put(topic, epochs);
        });
        return with(
                new CurrentAssignment(STATIC_LEAVE_EPOCH, standing.previousEpoch(), standing.state(), kept, Map.of()));
    }

    /** The same member under another id: a static one that has come back. */
    ConsumerMember returned(String newId) {
        CurrentAssignment anew =
                new CurrentAssignment(0, 0, standing.state(), standing.assigned(), standing.revoking());
        return new ConsumerMember(newId, profile, anew);
    }
}
