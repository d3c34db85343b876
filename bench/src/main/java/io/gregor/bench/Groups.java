package io.gregor.bench;

import io.gregor.wire.MessageSink;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.gregor.wire.message.ConsumerGroupHeartbeatResponse;
import io.gregor.wire.message.ConsumerProtocolSubscription;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.HeartbeatResponse;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.gregor.wire.message.JoinGroupResponse;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.gregor.wire.message.OffsetCommitResponse;
import io.gregor.wire.message.SyncGroupRequest;
import io.gregor.wire.message.SyncGroupRequest.SyncGroupRequestAssignment;
import io.gregor.wire.message.SyncGroupResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Large groups and many groups, Gregor and Apache Kafka in turns. Arguments: the checkout, the folder of Apache Kafka's
 * jars, then the number of rounds (3), of members of one group (1,000), and of idle groups (10,000).
 */
public final class Groups {
    private static final short JOIN_VERSION = 9;
    private static final short SYNC_VERSION = 5;
    private static final short HEARTBEAT_VERSION = 4;
    private static final short COMMIT_VERSION = 8;
    private static final short CONSUMER_VERSION = 1;
    private static final int LONG_MS = 300_000;
    private static final double NS_PER_MS = 1e6;
    private static final String TOPIC = "shared";

    private final Brokers brokers;
    private final Results results = new Results();
    private final int members;
    private final int idleGroups;

    private Groups(Brokers brokers, int members, int idleGroups) {
        this.brokers = brokers;
        this.members = members;
        this.idleGroups = idleGroups;
    }

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 3;
        int members = args.length > 3 ? Integer.parseInt(args[3]) : 1000;
        int idle = args.length > 4 ? Integer.parseInt(args[4]) : 10_000;
        Path work = Files.createTempDirectory("gregor-groups");
        Groups run = new Groups(new Brokers(Path.of(args[0]), Path.of(args[1]), work), members, idle);
        for (int round = 0; round < rounds; round++) {
            for (boolean isGregor : new boolean[] {false, true}) {
                run.round(isGregor);
            }
        }
        run.results.print();
        BrokerProcess.delete(work);
    }

    private void round(boolean isGregor) throws Exception {
        Results.Side into = results.of(isGregor);
        try (BrokerProcess broker = brokers.start(isGregor, brokers.work().resolve("data"))) {
            LoadClient.firstAcknowledged(broker, "first");
            try (LoadClient client = new LoadClient(broker.port())) {
                client.createTopic(TOPIC, members);
                while (!client.coordinates(TOPIC) || commit(client, "probe") != 0) {
                    Thread.sleep(20);
                }
                Thread.sleep(5000);
                double before = broker.residentMb();
                commitInManyGroups(client);
                into.note(idleGroups + " idle groups, MB", broker.residentMb() - before);
            }
            into.note(members + " members of a classic group, ms", joinClassic(broker.port()));
            into.note(members + " members of a consumer group, ms", joinConsumer(broker.port()));
        }
    }

    private void commitInManyGroups(LoadClient client) throws IOException {
        for (int i = 0; i < idleGroups; i++) {
            short error = commit(client, "idle-group-" + i);
            if (error != 0) {
                throw new IOException("commit: " + ErrorCode.of(error));
            }
        }
    }

    private static short commit(LoadClient client, String group) throws IOException {
        OffsetCommitRequest request = new OffsetCommitRequest()
                .groupId(group)
                .generationIdOrMemberEpoch(-1)
                .topics(List.of(new OffsetCommitRequestTopic()
                        .name(TOPIC)
                        .partitions(List.of(new OffsetCommitRequestPartition().committedOffset(7)))));
        return client.call(ApiKey.OFFSET_COMMIT, COMMIT_VERSION, request, new OffsetCommitResponse())
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .errorCode();
    }

    private static byte[] subscription() {
        MessageSink sink = new MessageSink(64);
        sink.int16((short) 1);
        new ConsumerProtocolSubscription().topics(List.of(TOPIC)).write(sink, (short) 1);
        ByteBuffer buffer = sink.toBuffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** All join at once, each on a connection of its own; until every heartbeat is answered without an error. */
    private double joinClassic(int port) throws IOException {
        List<LoadClient> clients = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            clients.add(new LoadClient(port));
        }
        long start = System.nanoTime();
        JoinGroupRequest join = new JoinGroupRequest()
                .groupId("classic")
                .memberId("")
                .sessionTimeoutMs(LONG_MS)
                .rebalanceTimeoutMs(LONG_MS)
                .protocolType("consumer")
                .protocols(List.of(new JoinGroupRequestProtocol().name("range").metadata(subscription())));
        for (LoadClient client : clients) {
            client.send(ApiKey.JOIN_GROUP, JOIN_VERSION, join);
        }
        List<String> ids = new ArrayList<>();
        for (LoadClient client : clients) {
            ids.add(client.receive(ApiKey.JOIN_GROUP, JOIN_VERSION, new JoinGroupResponse())
                    .memberId());
        }
        for (int i = 0; i < members; i++) {
            clients.get(i).send(ApiKey.JOIN_GROUP, JOIN_VERSION, join.memberId(ids.get(i)));
        }
        List<JoinGroupResponse> joined = new ArrayList<>();
        for (LoadClient client : clients) {
            joined.add(client.receive(ApiKey.JOIN_GROUP, JOIN_VERSION, new JoinGroupResponse()));
        }
        sync(clients, ids, joined);
        double ms = (System.nanoTime() - start) / NS_PER_MS;
        for (LoadClient client : clients) {
            client.close();
        }
        return ms;
    }

    private static void sync(List<LoadClient> clients, List<String> ids, List<JoinGroupResponse> joined)
            throws IOException {
        for (int i = 0; i < clients.size(); i++) {
            boolean leads = joined.get(i).leader().equals(ids.get(i));
            List<SyncGroupRequestAssignment> assignments = ids.stream()
                    .map(id -> new SyncGroupRequestAssignment().memberId(id).assignment(new byte[20]))
                    .toList();
            SyncGroupRequest sync = new SyncGroupRequest()
                    .groupId("classic")
                    .memberId(ids.get(i))
                    .generationId(joined.get(i).generationId())
                    .protocolType("consumer")
                    .protocolName("range")
                    .assignments(leads ? assignments : List.of());
            clients.get(i).send(ApiKey.SYNC_GROUP, SYNC_VERSION, sync);
        }
        for (LoadClient client : clients) {
            check(client.receive(ApiKey.SYNC_GROUP, SYNC_VERSION, new SyncGroupResponse())
                    .errorCode());
        }
        for (int i = 0; i < clients.size(); i++) {
            HeartbeatRequest heartbeat = new HeartbeatRequest()
                    .groupId("classic")
                    .memberId(ids.get(i))
                    .generationId(joined.get(i).generationId());
            check(clients.get(i)
                    .call(ApiKey.HEARTBEAT, HEARTBEAT_VERSION, heartbeat, new HeartbeatResponse())
                    .errorCode());
        }
    }

    private static void check(short error) throws IOException {
        if (error != 0) {
            throw new IOException(String.valueOf(ErrorCode.of(error)));
        }
    }

    /** A member of a consumer group. */
    private static final class Member {
        private final String id = new Uuid(System.nanoTime(), System.identityHashCode(this)).toString();
        private int epoch;
        private List<TopicPartitions> owned = List.of();

        ConsumerGroupHeartbeatRequest next() {
            return new ConsumerGroupHeartbeatRequest()
                    .groupId("consumer")
                    .memberId(id)
                    .memberEpoch(epoch)
                    .rebalanceTimeoutMs(LONG_MS)
                    .subscribedTopicNames(List.of(TOPIC))
                    .topicPartitions(owned);
        }

        void told(ConsumerGroupHeartbeatResponse response) throws IOException {
            check(response.errorCode());
            epoch = response.memberEpoch();
            ConsumerGroupHeartbeatResponse.Assignment assignment = response.assignment();
            if (assignment != null) {
                owned = assignment.topicPartitions().stream()
                        .map(topic ->
                                new TopicPartitions().topicId(topic.topicId()).partitions(topic.partitions()))
                        .toList();
            }
        }

        boolean hasOne() {
            return owned.size() == 1 && owned.get(0).partitions().size() == 1;
        }
    }

    /** All join at once and send heartbeats one after the other, until each has its one partition in the same epoch. */
    private double joinConsumer(int port) throws IOException {
        List<Member> all = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            all.add(new Member());
        }
        long start = System.nanoTime();
        try (LoadClient client = new LoadClient(port)) {
            boolean settled = false;
            while (!settled) {
                for (Member member : all) {
                    member.told(client.call(
                            ApiKey.CONSUMER_GROUP_HEARTBEAT,
                            CONSUMER_VERSION,
                            member.next(),
                            new ConsumerGroupHeartbeatResponse()));
                }
                settled = all.stream().allMatch(Member::hasOne)
                        && all.stream()
                                        .mapToInt(member -> member.epoch)
                                        .distinct()
                                        .count()
                                == 1;
            }
        }
        return (System.nanoTime() - start) / NS_PER_MS;
    }
}
