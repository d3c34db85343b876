package io.gregor.coordinator.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.runtime.Client;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.gregor.wire.message.JoinGroupResponse;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.gregor.wire.message.OffsetCommitResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each invalid byte of a name becomes three when it is written again: then it may not fit into a record. */
class NamesThatCannotBeStoredTest {
    private static final String GROUP = "\uFFFD".repeat(12_000);

    private final SimulatedShard simulated = new SimulatedShard();

    private JoinGroupResponse join(String groupId) {
        JoinGroupRequest request = new JoinGroupRequest()
                .groupId(groupId)
                .sessionTimeoutMs(10_000)
                .rebalanceTimeoutMs(10_000)
                .protocolType("consumer")
                .protocols(List.of(new JoinGroupRequestProtocol().name("range").metadata(new byte[1])));
        List<JoinGroupResponse> answers = new ArrayList<>();
        simulated.shard().classicRequests().join(new Client("c", "/h", (short) 2), request, answers::add);
        simulated.time().advance(60_000);
        assertThat(answers).hasSize(1);
        return answers.get(0);
    }

    @Test
    void aGroupThatCannotBeStoredIsRefusedAndIsNotThere() {
        assertThat(join(GROUP).errorCode()).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR.code());
        assertThat(simulated.shard().store().groups()).isEmpty();
        assertThat(join("another").errorCode()).isZero();
    }

    @Test
    void aNewGroupThatTheDiskDoesNotTakeIsRefusedAndIsNotThere() {
        simulated.journal().refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        assertThat(join("g").errorCode()).isEqualTo(ErrorCode.COORDINATOR_NOT_AVAILABLE.code());
        assertThat(simulated.shard().store().groups()).isEmpty();
        simulated.journal().refuse(ErrorCode.NONE);
        assertThat(join("g").errorCode()).isZero();
    }

    @Test
    void anOffsetOfSuchAGroupIsRefused() {
        OffsetCommitRequestPartition partition = new OffsetCommitRequestPartition().committedOffset(5);
        OffsetCommitRequest request = new OffsetCommitRequest()
                .groupId(GROUP)
                .topics(List.of(new OffsetCommitRequestTopic().name("t").partitions(List.of(partition))));
        List<OffsetCommitResponse> answers = new ArrayList<>();
        simulated.shard().commitOffsets().handle(request, (short) 8, answers::add);
        assertThat(answers).hasSize(1);
        assertThat(answers.get(0).topics().get(0).partitions().get(0).errorCode())
                .isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR.code());
        assertThat(simulated.shard().store().groups()).isEmpty();
    }
}
