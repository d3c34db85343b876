package io.gregor.cli.consume;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.GroupCoordinator;
import io.gregor.cli.client.GroupOffsets;
import io.gregor.cli.client.TopicPartition;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.ConsumerGroupHeartbeatResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** A member by the consumer protocol (KIP-848): the coordinator assigns. Confined to the main thread. */
final class ConsumerMember implements Membership {
    private static final int JOIN_EPOCH = 0;
    private static final int LEAVE_EPOCH = -1;
    private static final int REBALANCE_TIMEOUT_MS = 60_000;

    private final Cluster cluster;
    private final GroupCoordinator coordinator;
    private final String topic;
    private final Uuid topicId;
    private final String memberId;
    private int epoch = JOIN_EPOCH;
    private long nextHeartbeatMs;
    private SortedSet<TopicPartition> assigned = new TreeSet<>();
    /** The owned partitions have to be reported once after they changed. */
    private boolean reportOwned;

    ConsumerMember(GroupCoordinator coordinator, String topic, Uuid topicId, RandomGenerator random) {
        this.cluster = coordinator.cluster();
        this.coordinator = coordinator;
        this.topic = topic;
        this.topicId = topicId;
        this.memberId = Uuid.random(random).toString();
        nextHeartbeatMs = cluster.time().nowMs();
    }

    @Override
    public SortedSet<TopicPartition> assignment() {
        return assigned;
    }

    @Override
    public boolean keepAlive(Losses losses) {
        if (cluster.time().nowMs() < nextHeartbeatMs) {
            return false;
        }
        try {
            return take(heartbeat(), losses);
        } catch (BrokerException e) {
            if (e.code() != ErrorCode.FENCED_MEMBER_EPOCH && e.code() != ErrorCode.UNKNOWN_MEMBER_ID) {
                throw e;
            }
            // It was away for too long: begins anew.
            epoch = JOIN_EPOCH;
            assigned = new TreeSet<>();
            losses.lost();
            return true;
        }
    }

    @Override
    public void doubt() {
        nextHeartbeatMs = cluster.time().nowMs();
    }

    private ConsumerGroupHeartbeatResponse heartbeat() {
        return coordinator.retrying(address -> {
            ConsumerGroupHeartbeatRequest request = new ConsumerGroupHeartbeatRequest()
                    .groupId(coordinator.group())
                    .memberId(memberId)
                    .memberEpoch(epoch);
            if (epoch == JOIN_EPOCH) {
                request.rebalanceTimeoutMs(REBALANCE_TIMEOUT_MS)
                        .subscribedTopicNames(List.of(topic))
                        .topicPartitions(List.of());
            } else if (reportOwned) {
                request.topicPartitions(owned());
            }
            ConsumerGroupHeartbeatResponse response = cluster.at(
                    address, ApiKey.CONSUMER_GROUP_HEARTBEAT, request, 0, ConsumerGroupHeartbeatResponse.class);
            BrokerException.throwIfError(response.errorCode(), response.errorMessage(), "group " + coordinator.group());
            return response;
        });
    }

    private List<ConsumerGroupHeartbeatRequest.TopicPartitions> owned() {
        if (assigned.isEmpty()) {
            return List.of();
        }
        return List.of(new ConsumerGroupHeartbeatRequest.TopicPartitions()
                .topicId(topicId)
                .partitions(assigned.stream().map(TopicPartition::partition).toList()));
    }

    private boolean take(ConsumerGroupHeartbeatResponse response, Losses losses) {
        epoch = response.memberEpoch();
        reportOwned = false;
        nextHeartbeatMs = cluster.time().nowMs() + response.heartbeatIntervalMs();
        ConsumerGroupHeartbeatResponse.Assignment assignment = response.assignment();
        if (assignment == null) {
            return false;
        }
        SortedSet<TopicPartition> wanted = new TreeSet<>();
        assignment.topicPartitions().forEach(one -> {
            if (one.topicId().equals(topicId)) {
                one.partitions().forEach(partition -> wanted.add(new TopicPartition(topic, partition)));
            }
        });
        boolean changed = !wanted.equals(assigned);
        if (changed) {
            losses.losing();
            assigned = wanted;
        }
        // The coordinator waits to hear that this has been done.
        reportOwned = true;
        nextHeartbeatMs = cluster.time().nowMs();
        return changed;
    }

    @Override
    public void commit(Map<TopicPartition, Long> offsets) {
        new GroupOffsets(coordinator).commit(new TreeMap<>(offsets), memberId, epoch);
    }

    @Override
    public void leave() {
        if (epoch == JOIN_EPOCH) {
            return;
        }
        epoch = LEAVE_EPOCH;
        heartbeat();
        assigned = new TreeSet<>();
    }
}
