package io.gregor.coordinator.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.runtime.Client;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.ConsumerGroupHeartbeatResponse;
import io.gregor.wire.message.ErrorCode;
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
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What clients make last is refused before it takes more memory than it may; what was taken fits again after a restart,
 * and what goes leaves nothing behind in the count.
 */
class StateMemoryTest {
    private static final long LIMIT = 2_000_000;

    private final ByteBudget budget = new ByteBudget("groups", LIMIT);
    private final SimulatedShard simulated = new SimulatedShard(budget);

    private ErrorCode commit(String groupId, String metadata, int partitions) {
        OffsetCommitRequest request = new OffsetCommitRequest()
                .groupId(groupId)
                .topics(List.of(new OffsetCommitRequestTopic()
                        .name("t")
                        .partitions(IntStream.range(0, partitions)
                                .mapToObj(index -> new OffsetCommitRequestPartition()
                                        .partitionIndex(index)
                                        .committedOffset(1)
                                        .committedMetadata(metadata))
                                .toList())));
        List<OffsetCommitResponse> answers = new ArrayList<>();
        simulated.shard().commitOffsets().handle(request, (short) 8, answers::add);
        assertThat(answers).hasSize(1);
        return ErrorCode.of(answers.get(0).topics().get(0).partitions().get(0).errorCode());
    }

    private static JoinGroupRequest joining(String groupId, String memberId, int metadataBytes) {
        return new JoinGroupRequest()
                .groupId(groupId)
                .memberId(memberId)
                .sessionTimeoutMs(100_000)
                .rebalanceTimeoutMs(100_000)
                .protocolType("consumer")
                .protocols(List.of(new JoinGroupRequestProtocol().name("range").metadata(new byte[metadataBytes])));
    }

    private JoinGroupResponse join(JoinGroupRequest request, String clientId, int version) {
        List<JoinGroupResponse> answers = new ArrayList<>();
        simulated.shard().classicRequests().join(new Client(clientId, "/h", (short) version), request, answers::add);
        if (answers.isEmpty()) {
            simulated.time().advance(5000);
        }
        assertThat(answers).hasSize(1);
        return answers.get(0);
    }

    private ErrorCode joinError(String groupId, int metadataBytes, String clientId, int version) {
        return ErrorCode.of(
                join(joining(groupId, "", metadataBytes), clientId, version).errorCode());
    }

    private ErrorCode subscribe(String groupId, int topics) {
        ConsumerGroupHeartbeatRequest request = new ConsumerGroupHeartbeatRequest()
                .groupId(groupId)
                .memberId("m")
                .rebalanceTimeoutMs(30_000)
                .subscribedTopicNames(IntStream.range(0, topics)
                        .mapToObj(i -> i + "-" + "n".repeat(100))
                        .toList())
                .topicPartitions(List.of());
        List<ConsumerGroupHeartbeatResponse> answers = new ArrayList<>();
        simulated.shard().consumerGroupHeartbeat().handle(new Client("c", "/h", (short) 1), request, answers::add);
        assertThat(answers).hasSize(1);
        return ErrorCode.of(answers.get(0).errorCode());
    }

    /** Repeats the request until it is refused with that error, which is well before 10,000 times. */
    private int untilRefused(ErrorCode expected, ErrorCode accepted, IntFunction<ErrorCode> request) {
        for (int i = 0; i < 10_000; i++) {
            ErrorCode error = request.apply(i);
            assertThat(budget.used()).isLessThanOrEqualTo(LIMIT);
            if (error != accepted) {
                assertThat(error).isEqualTo(expected);
                assertThat(i).isPositive();
                return i;
            }
        }
        throw new AssertionError("never refused");
    }

    private void assertTheSameAfterARestart() {
        long before = budget.used();
        simulated.restart();
        assertThat(budget.used()).isBetween(before / 2, before);
    }

    @Test
    void offsetsThatDoNotFitAreRefusedAndThoseThatAreReplacedAreNot() {
        int taken = untilRefused(
                ErrorCode.INVALID_COMMIT_OFFSET_SIZE, ErrorCode.NONE, i -> commit("g" + i, "m".repeat(4000), 20));
        assertThat(taken).isLessThan(30);
        assertThat(commit("g0", "x".repeat(4000), 20)).isEqualTo(ErrorCode.NONE);
        assertTheSameAfterARestart();
        assertThat(commit("g0", "y".repeat(4000), 20)).isEqualTo(ErrorCode.NONE);
        assertThat(commit("another", "m".repeat(4000), 20)).isEqualTo(ErrorCode.INVALID_COMMIT_OFFSET_SIZE);
    }

    @Test
    void groupIdsThatDoNotFitAreRefused() {
        String name = "g".repeat(30_000);
        untilRefused(ErrorCode.INVALID_COMMIT_OFFSET_SIZE, ErrorCode.NONE, i -> commit(name + i, "", 1));
        assertTheSameAfterARestart();
    }

    @Test
    void manySmallGroupsAreRefused() {
        untilRefused(ErrorCode.INVALID_COMMIT_OFFSET_SIZE, ErrorCode.NONE, i -> commit("g" + i, "", 1));
        assertTheSameAfterARestart();
    }

    @Test
    void metadataOfMembersThatDoesNotFitIsRefused() {
        untilRefused(ErrorCode.GROUP_MAX_SIZE_REACHED, ErrorCode.NONE, i -> joinError("g" + i, 300_000, "client", 2));
    }

    @Test
    void placesForPendingMembersThatDoNotFitAreRefused() {
        String clientId = "c".repeat(30_000);
        untilRefused(
                ErrorCode.GROUP_MAX_SIZE_REACHED, ErrorCode.MEMBER_ID_REQUIRED, i -> joinError("g", 1, clientId, 4));
    }

    @Test
    void subscriptionsThatDoNotFitAreRefused() {
        untilRefused(ErrorCode.GROUP_MAX_SIZE_REACHED, ErrorCode.NONE, i -> subscribe("g" + i, 1000));
        assertTheSameAfterARestart();
    }

    @Test
    void anAssignmentThatDoesNotFitIsRefused() {
        JoinGroupResponse joined = join(joining("g", "", 10), "client", 2);
        SyncGroupRequest request = new SyncGroupRequest()
                .groupId("g")
                .memberId(joined.memberId())
                .generationId(joined.generationId())
                .assignments(List.of(new SyncGroupRequestAssignment()
                        .memberId(joined.memberId())
                        .assignment(new byte[(int) LIMIT])));
        List<SyncGroupResponse> answers = new ArrayList<>();
        simulated.shard().classicRequests().sync(request, answers::add);
        assertThat(answers)
                .singleElement()
                .satisfies(answer -> assertThat(answer.errorCode()).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR.code()));
        assertThat(budget.used()).isLessThan(LIMIT);
    }

    @Test
    void whatGoesLeavesNothingBehindInTheCount() {
        commit("offsets", "m", 100);
        JoinGroupResponse joined = join(joining("members", "", 1000), "client", 2);
        join(joining("members", joined.memberId(), 2000), "client", 2);
        joinError("members", 10, "pending", 4);
        subscribe("consumers", 100);
        assertThat(budget.used()).isPositive();
        simulated.time().advance(10_000_000);
        for (Group group : List.copyOf(simulated.shard().store().groups())) {
            List<ErrorCode> errors = new ArrayList<>();
            simulated.shard().deleteGroup().handle(group.id(), errors::add);
            assertThat(errors).containsExactly(ErrorCode.NONE);
        }
        assertThat(budget.used()).isZero();
        assertThat(simulated.shard().memory().held()).isZero();
    }
}
