package io.gregor.cli.consume;

import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Topic;
import io.gregor.cli.client.TopicPartition;
import io.gregor.wire.ByteReader;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.ConsumerProtocolAssignment;
import io.gregor.wire.message.ConsumerProtocolSubscription;
import io.gregor.wire.message.JoinGroupResponse.JoinGroupResponseMember;
import io.gregor.wire.message.SyncGroupRequest.SyncGroupRequestAssignment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What members of a group say to each other through the coordinator, and the assignment by range: each topic's
 * partitions are cut into runs as even as possible, for the members that want the topic, in the order of their ids.
 */
final class RangeAssignment {
    static final String NAME = "range";
    private static final short VERSION = 0;

    private RangeAssignment() {}

    static byte[] subscription(String topic) {
        return versioned(MessageSink.toBuffer(new ConsumerProtocolSubscription().topics(List.of(topic)), VERSION));
    }

    private static byte[] versioned(ByteBuffer message) {
        ByteBuffer all = ByteBuffer.allocate(2 + message.remaining());
        all.putShort(VERSION).put(message);
        return all.array();
    }

    /** The partitions of one member; none if it was given no bytes. */
    static SortedSet<TopicPartition> read(byte[] assignment) {
        SortedSet<TopicPartition> partitions = new TreeSet<>();
        if (assignment.length < 2) {
            return partitions;
        }
        ByteReader in = new ByteReader(ByteBuffer.wrap(assignment));
        in.int16();
        ConsumerProtocolAssignment message = new ConsumerProtocolAssignment();
        // Each version begins as the first does.
        message.read(in, VERSION);
        message.assignedPartitions()
                .forEach(topic ->
                        topic.partitions().forEach(one -> partitions.add(new TopicPartition(topic.topic(), one))));
        return partitions;
    }

    static List<SyncGroupRequestAssignment> assign(Cluster cluster, List<JoinGroupResponseMember> members) {
        Map<String, List<JoinGroupResponseMember>> byTopic = new TreeMap<>();
        List<JoinGroupResponseMember> sorted = new ArrayList<>(members);
        sorted.sort(Comparator.comparing(JoinGroupResponseMember::memberId));
        for (JoinGroupResponseMember member : sorted) {
            ByteReader in = new ByteReader(ByteBuffer.wrap(member.metadata()));
            in.int16();
            ConsumerProtocolSubscription subscription = new ConsumerProtocolSubscription();
            subscription.read(in, VERSION);
            subscription
                    .topics()
                    .forEach(topic -> byTopic.computeIfAbsent(topic, key -> new ArrayList<>())
                            .add(member));
        }
        // Another member may want a topic that is not there, or not yet.
        Map<String, Integer> counts = Topic.partitionCounts(cluster, byTopic.keySet());
        Map<String, List<TopicPartition>> byMember = new TreeMap<>();
        byTopic.forEach((topic, wanting) -> {
            int count = counts.getOrDefault(topic, 0);
            range(
                    topic,
                    count,
                    wanting.stream().map(JoinGroupResponseMember::memberId).toList(),
                    byMember);
        });
        List<SyncGroupRequestAssignment> assignments = new ArrayList<>();
        for (JoinGroupResponseMember member : sorted) {
            assignments.add(new SyncGroupRequestAssignment()
                    .memberId(member.memberId())
                    .assignment(write(byMember.getOrDefault(member.memberId(), List.of()))));
        }
        return assignments;
    }

    static void range(String topic, int partitions, List<String> members, Map<String, List<TopicPartition>> into) {
        int next = 0;
        for (int i = 0; i < members.size(); i++) {
            int share = partitions / members.size() + (i < partitions % members.size() ? 1 : 0);
            List<TopicPartition> own = into.computeIfAbsent(members.get(i), key -> new ArrayList<>());
            for (int end = next + share; next < end; next++) {
                own.add(new TopicPartition(topic, next));
            }
        }
    }

    private static byte[] write(List<TopicPartition> partitions) {
        Map<String, List<Integer>> byTopic = new TreeMap<>();
        partitions.forEach(one ->
                byTopic.computeIfAbsent(one.topic(), key -> new ArrayList<>()).add(one.partition()));
        List<ConsumerProtocolAssignment.TopicPartition> topics = new ArrayList<>();
        byTopic.forEach((topic, own) -> topics.add(
                new ConsumerProtocolAssignment.TopicPartition().topic(topic).partitions(own)));
        return versioned(MessageSink.toBuffer(new ConsumerProtocolAssignment().assignedPartitions(topics), VERSION));
    }
}
