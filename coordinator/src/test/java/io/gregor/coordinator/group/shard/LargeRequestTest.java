package io.gregor.coordinator.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.gregor.coordinator.runtime.Client;
import io.gregor.coordinator.transaction.LargeTransaction;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.gregor.wire.message.JoinGroupResponse;
import io.gregor.wire.message.LeaveGroupRequest;
import io.gregor.wire.message.LeaveGroupRequest.MemberIdentity;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.gregor.wire.message.OffsetDeleteRequest;
import io.gregor.wire.message.OffsetDeleteRequest.OffsetDeleteRequestPartition;
import io.gregor.wire.message.OffsetDeleteRequest.OffsetDeleteRequestTopic;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import io.gregor.wire.message.SyncGroupRequest;
import io.gregor.wire.message.SyncGroupRequest.SyncGroupRequestAssignment;
import io.gregor.wire.message.TxnOffsetCommitRequest;
import io.gregor.wire.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition;
import io.gregor.wire.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The work for a request grows no faster than n log n with its elements, whether they are all different or all the
 * same, and whatever the group has. Work is counted in bytes that the thread allocates, which do not depend on how busy
 * the machine is.
 */
class LargeRequestTest {
    private static final int FEW = 1000;
    private static final int MANY = 100_000;
    /** 100 times n, times the ratio of the logarithms, and half as much for what jumps with sizes. */
    private static final double MOST = 100 * 1.67 * 1.5;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final String GROUP = "g";

    /** The least of three runs: the first ones load classes, and what is compiled meanwhile counts elsewhere. */
    private static long work(IntConsumer request, int elements) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            request.accept(elements);
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    private static <T> List<T> many(int count, IntFunction<T> element) {
        return IntStream.range(0, count).mapToObj(element).toList();
    }

    private static void answered(Object response) {
        assertThat(response).isNotNull();
    }

    private static SimulatedShard shard() {
        SimulatedShard simulated = new SimulatedShard();
        simulated.topics().create("t", 5);
        return simulated;
    }

    private static void commit(SimulatedShard simulated, List<OffsetCommitRequestTopic> topics) {
        OffsetCommitRequest request = new OffsetCommitRequest().groupId(GROUP).topics(topics);
        simulated.shard().commitOffsets().handle(request, (short) 9, LargeRequestTest::answered);
    }

    private static OffsetCommitRequestPartition committed(int index) {
        return new OffsetCommitRequestPartition().partitionIndex(index).committedOffset(1);
    }

    /** A group with as many offsets, a tenth of them pending in as many transactions. */
    private static SimulatedShard withOffsets(int count) {
        SimulatedShard simulated = shard();
        for (int from = 0; from < count; from += FEW) {
            int first = from;
            commit(
                    simulated,
                    List.of(new OffsetCommitRequestTopic().name("t").partitions(many(FEW, i -> committed(first + i)))));
        }
        for (int i = 0; i < count / 10; i++) {
            commitInTransaction(simulated, i, List.of(pending(i)));
        }
        return simulated;
    }

    private static TxnOffsetCommitRequestPartition pending(int index) {
        return new TxnOffsetCommitRequestPartition().partitionIndex(index).committedOffset(1);
    }

    private static void commitInTransaction(
            SimulatedShard simulated, long producerId, List<TxnOffsetCommitRequestPartition> partitions) {
        TxnOffsetCommitRequest request = new TxnOffsetCommitRequest()
                .groupId(GROUP)
                .producerId(producerId)
                .topics(List.of(new TxnOffsetCommitRequestTopic().name("t").partitions(partitions)));
        simulated.shard().commitTransactionalOffsets().handle(request, LargeRequestTest::answered);
    }

    private static JoinGroupRequest join(int protocols) {
        return new JoinGroupRequest()
                .groupId(GROUP)
                .sessionTimeoutMs(10_000)
                .rebalanceTimeoutMs(10_000)
                .protocolType("consumer")
                .protocols(many(
                        protocols,
                        i -> new JoinGroupRequestProtocol().name("p" + i).metadata(new byte[4])));
    }

    /** What is measured, by its name: each makes what it needs, and one request of so many elements. */
    private static Map<String, IntConsumer> requests() {
        Map<String, IntConsumer> requests = new TreeMap<>();
        requests.put(
                "OffsetCommit, partitions",
                n -> commit(
                        shard(),
                        List.of(new OffsetCommitRequestTopic().name("t").partitions(many(n, i -> committed(i))))));
        requests.put(
                "OffsetCommit, one partition again and again",
                n -> commit(
                        shard(),
                        List.of(new OffsetCommitRequestTopic().name("t").partitions(many(n, i -> committed(0))))));
        requests.put(
                "OffsetCommit, topics",
                n -> commit(
                        shard(),
                        many(n, i -> new OffsetCommitRequestTopic().name("t").partitions(List.of(committed(0))))));
        requests.put("TxnOffsetCommit, partitions", n -> commitInTransaction(shard(), 1, many(n, i -> pending(i))));
        requests.put("OffsetFetch, partitions", n -> fetch(shard(), n));
        requests.put("OffsetFetch, partitions of a group with pending offsets", n -> fetch(withOffsets(n), n));
        requests.put("OffsetFetch, all", n -> {
            OffsetFetchRequestGroup all =
                    new OffsetFetchRequestGroup().groupId(GROUP).topics(null);
            assertThat(withOffsets(n).shard().fetchOffsets().handle(all, true, name -> Uuid.ZERO))
                    .isNotNull();
        });
        requests.put("OffsetDelete, partitions", n -> delete(withOffsets(n), n));
        requests.put(
                "DeleteGroups, offsets",
                n -> withOffsets(n).shard().deleteGroup().handle(GROUP, LargeRequestTest::answered));
        requests.put("expiry, offsets", n -> {
            SimulatedShard simulated = withOffsets(n);
            simulated.shard().expireOffsets().expire();
            simulated.time().advance(1);
        });
        requests.put(
                "the end of a transaction, offsets", n -> withOffsets(n).shard().endTransaction(1, true));
        requests.put(
                "JoinGroup, protocols",
                n -> shard().shard()
                        .classicRequests()
                        .join(new Client("c", "/h", (short) 2), join(n), LargeRequestTest::answered));
        requests.put("SyncGroup, assignments", LargeRequestTest::sync);
        requests.put("LeaveGroup, members", LargeRequestTest::leave);
        requests.put("ConsumerGroupHeartbeat, topics", LargeRequestTest::subscribe);
        requests.putAll(LargeTransaction.requests());
        return requests;
    }

    private static void fetch(SimulatedShard simulated, int partitions) {
        OffsetFetchRequestGroup request = new OffsetFetchRequestGroup()
                .groupId(GROUP)
                .topics(List.of(new OffsetFetchRequestTopics().name("t").partitionIndexes(many(partitions, i -> i))));
        assertThat(simulated.shard().fetchOffsets().handle(request, true, name -> Uuid.ZERO))
                .isNotNull();
    }

    private static void delete(SimulatedShard simulated, int partitions) {
        OffsetDeleteRequest request = new OffsetDeleteRequest()
                .groupId(GROUP)
                .topics(List.of(new OffsetDeleteRequestTopic()
                        .name("t")
                        .partitions(many(partitions, i -> new OffsetDeleteRequestPartition().partitionIndex(i)))));
        simulated.shard().deleteOffsets().handle(request, LargeRequestTest::answered);
        assertThat(simulated.shard().offsets().committed().count(GROUP)).isZero();
    }

    private static void sync(int assignments) {
        SimulatedShard simulated = shard();
        List<JoinGroupResponse> joined = new ArrayList<>();
        simulated.shard().classicRequests().join(new Client("c", "/h", (short) 2), join(1), joined::add);
        simulated.time().advance(5000);
        SyncGroupRequest request = new SyncGroupRequest()
                .groupId(GROUP)
                .memberId(joined.get(0).memberId())
                .generationId(1)
                .assignments(many(
                        assignments,
                        i -> new SyncGroupRequestAssignment().memberId("m" + i).assignment(new byte[1])));
        simulated.shard().classicRequests().sync(request, LargeRequestTest::answered);
    }

    private static void leave(int members) {
        SimulatedShard simulated = shard();
        simulated.shard().classicRequests().join(new Client("c", "/h", (short) 2), join(1), LargeRequestTest::answered);
        LeaveGroupRequest request = new LeaveGroupRequest()
                .groupId(GROUP)
                .members(many(members, i -> new MemberIdentity().memberId("m" + i)));
        simulated.shard().classicRequests().leave(request, (short) 3, LargeRequestTest::answered);
    }

    private static void subscribe(int topics) {
        ConsumerGroupHeartbeatRequest request = new ConsumerGroupHeartbeatRequest()
                .groupId(GROUP)
                .memberId("m")
                .rebalanceTimeoutMs(30_000)
                .subscribedTopicNames(many(topics, i -> "topic-" + i))
                .topicPartitions(Collections.emptyList());
        shard().shard().consumerGroupHeartbeat().handle(new Client("c", "/h", (short) 1), request, response -> {
            assertThat(response.errorCode()).isIn(ErrorCode.NONE.code(), ErrorCode.UNKNOWN_SERVER_ERROR.code());
        });
    }

    @Test
    void workGrowsNoFasterThanTheRequest() {
        Map<String, Double> tooFast = new TreeMap<>();
        requests().forEach((name, request) -> {
            double ratio = (double) work(request, MANY) / work(request, FEW);
            if (ratio > MOST) {
                tooFast.put(name, ratio);
            }
        });
        assertThat(tooFast).isEmpty();
    }
}
