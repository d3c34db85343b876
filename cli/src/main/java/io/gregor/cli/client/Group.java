package io.gregor.cli.client;

import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ConsumerGroupDescribeRequest;
import io.gregor.wire.message.ConsumerGroupDescribeResponse;
import io.gregor.wire.message.ConsumerProtocolAssignment;
import io.gregor.wire.message.ConsumerProtocolSubscription;
import io.gregor.wire.message.DescribeGroupsRequest;
import io.gregor.wire.message.DescribeGroupsResponse;
import io.gregor.wire.message.ErrorCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A group of consumers, as its coordinator described it once. Immutable.
 *
 * @param type {@code classic} or {@code consumer}
 * @param assignor or protocol; empty for none
 */
public record Group(String id, String type, String state, String assignor, List<Member> members) {
    /** @param settled whether it has the assignment that it is to have */
    public record Member(
            String id,
            String client,
            String host,
            SortedSet<String> topics,
            SortedSet<TopicPartition> assigned,
            boolean settled) {}

    public static final String EMPTY = "Empty";
    private static final String DEAD = "Dead";
    private static final String CONSUMER = "consumer";

    /**
     * What the coordinator knows of it.
     *
     * @throws BrokerException with GROUP_ID_NOT_FOUND, if there is no such group of consumers
     */
    public static Group describe(Cluster cluster, String id) {
        GroupCoordinator coordinator = new GroupCoordinator(cluster, id);
        if (cluster.version(ApiKey.CONSUMER_GROUP_DESCRIBE) < 0) {
            return classic(coordinator);
        }
        ConsumerGroupDescribeRequest request = new ConsumerGroupDescribeRequest().groupIds(List.of(id));
        ConsumerGroupDescribeResponse.DescribedGroup group = coordinator.retrying(address -> {
            ConsumerGroupDescribeResponse.DescribedGroup one = cluster.at(
                            address, ApiKey.CONSUMER_GROUP_DESCRIBE, request, 0, ConsumerGroupDescribeResponse.class)
                    .groups()
                    .get(0);
            if (one.errorCode() != ErrorCode.GROUP_ID_NOT_FOUND.code()) {
                BrokerException.throwIfError(one.errorCode(), one.errorMessage(), "group " + id);
            }
            return one;
        });
        return group.errorCode() == 0 ? consumer(group) : classic(coordinator);
    }

    private static Group consumer(ConsumerGroupDescribeResponse.DescribedGroup group) {
        List<Member> members = new ArrayList<>();
        for (ConsumerGroupDescribeResponse.Member member : group.members()) {
            SortedSet<TopicPartition> assigned = partitions(member.assignment());
            boolean settled = assigned.equals(partitions(member.targetAssignment()))
                    && member.memberEpoch() == group.assignmentEpoch();
            members.add(new Member(
                    member.memberId(),
                    member.clientId(),
                    member.clientHost(),
                    new TreeSet<>(member.subscribedTopicNames()),
                    assigned,
                    settled));
        }
        return new Group(group.groupId(), CONSUMER, group.groupState(), group.assignorName(), members);
    }

    private static SortedSet<TopicPartition> partitions(ConsumerGroupDescribeResponse.Assignment assignment) {
        SortedSet<TopicPartition> partitions = new TreeSet<>();
        assignment
                .topicPartitions()
                .forEach(topic -> topic.partitions()
                        .forEach(partition -> partitions.add(new TopicPartition(topic.topicName(), partition))));
        return partitions;
    }

    private static Group classic(GroupCoordinator coordinator) {
        DescribeGroupsRequest request = new DescribeGroupsRequest().groups(List.of(coordinator.group()));
        String what = "group " + coordinator.group();
        DescribeGroupsResponse.DescribedGroup group = coordinator.retrying(address -> {
            DescribeGroupsResponse.DescribedGroup one = coordinator
                    .cluster()
                    .at(address, ApiKey.DESCRIBE_GROUPS, request, 0, DescribeGroupsResponse.class)
                    .groups()
                    .get(0);
            BrokerException.throwIfError(one.errorCode(), one.errorMessage(), what);
            return one;
        });
        if (group.groupState().equals(DEAD)) {
            throw new BrokerException(what + ": there is no such group", ErrorCode.GROUP_ID_NOT_FOUND);
        }
        List<Member> members = new ArrayList<>();
        for (DescribeGroupsResponse.DescribedGroupMember member : group.members()) {
            members.add(new Member(
                    member.memberId(),
                    member.clientId(),
                    member.clientHost(),
                    subscribed(member.memberMetadata()),
                    assigned(member.memberAssignment()),
                    true));
        }
        return new Group(group.groupId(), "classic", group.groupState(), group.protocolData(), members);
    }

    /** What other kinds of clients than consumers keep there is nothing that is known here. */
    private static SortedSet<String> subscribed(byte[] metadata) {
        ConsumerProtocolSubscription subscription = new ConsumerProtocolSubscription();
        try {
            ByteReader in = new ByteReader(ByteBuffer.wrap(metadata));
            in.int16();
            subscription.read(in, (short) 0);
            return new TreeSet<>(subscription.topics());
        } catch (MalformedMessageException e) {
            return new TreeSet<>();
        }
    }

    private static SortedSet<TopicPartition> assigned(byte[] bytes) {
        SortedSet<TopicPartition> partitions = new TreeSet<>();
        ConsumerProtocolAssignment assignment = new ConsumerProtocolAssignment();
        try {
            ByteReader in = new ByteReader(ByteBuffer.wrap(bytes));
            in.int16();
            assignment.read(in, (short) 0);
        } catch (MalformedMessageException e) {
            return partitions;
        }
        assignment
                .assignedPartitions()
                .forEach(topic ->
                        topic.partitions().forEach(one -> partitions.add(new TopicPartition(topic.topic(), one))));
        return partitions;
    }
}
