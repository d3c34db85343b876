package io.gregor.coordinator.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.group.classic.ClassicGroup;
import io.gregor.coordinator.group.consumer.ConsumerGroup;
import io.gregor.coordinator.runtime.Client;
import io.gregor.coordinator.runtime.Timers;
import io.gregor.coordinator.runtime.Timers.Kind;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.ConsumerProtocolSubscription;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.JoinGroupResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A group that is converted from one protocol to the other leaves no time limit of the first behind. */
class GroupConversionTest {
    private static final String GROUP = "g";
    private static final Set<Kind> OF_CLASSIC_GROUPS =
            EnumSet.of(Kind.GROUP_JOIN, Kind.GROUP_SYNC, Kind.CLASSIC_SESSION);

    private final SimulatedShard simulated = new SimulatedShard();

    private void heartbeat(String memberId, int epoch) {
        ConsumerGroupHeartbeatRequest request = new ConsumerGroupHeartbeatRequest()
                .groupId(GROUP)
                .memberId(memberId)
                .memberEpoch(epoch)
                .rebalanceTimeoutMs(30_000)
                .subscribedTopicNames(List.of("t"))
                .topicPartitions(List.of());
        simulated
                .shard()
                .consumerGroupHeartbeat()
                .handle(
                        new Client("c", "/h", (short) 1),
                        request,
                        answer -> assertThat(answer.errorCode()).isZero());
    }

    private void joinClassic() {
        MessageSink sink = new MessageSink(64);
        sink.int16((short) 1);
        new ConsumerProtocolSubscription().topics(List.of("t")).write(sink, (short) 1);
        ByteBuffer buffer = sink.toBuffer();
        byte[] metadata = new byte[buffer.remaining()];
        buffer.get(metadata);
        JoinGroupRequest request = new JoinGroupRequest()
                .groupId(GROUP)
                .sessionTimeoutMs(30_000)
                .rebalanceTimeoutMs(30_000)
                .protocolType("consumer")
                .protocols(List.of(new JoinGroupRequest.JoinGroupRequestProtocol()
                        .name("range")
                        .metadata(metadata)));
        List<JoinGroupResponse> answers = new ArrayList<>();
        simulated.shard().classicRequests().join(new Client("c", "/h", (short) 3), request, answers::add);
        simulated.time().advance(5000);
        assertThat(answers)
                .singleElement()
                .satisfies(answer -> assertThat(answer.errorCode()).isZero());
    }

    private Set<Kind> waitsFor() {
        return simulated.waitsFor().stream().map(Timers.Key::kind).collect(Collectors.toSet());
    }

    @Test
    void aConsumerGroupThatBecomesClassicWaitsForNobodyAsAConsumerGroup() {
        simulated.topics().create("t", 4);
        heartbeat("consumer", 0);
        joinClassic();
        assertThat(waitsFor()).doesNotContainAnyElementsOf(OF_CLASSIC_GROUPS).isNotEmpty();
        heartbeat("consumer", -1);
        assertThat(simulated.shard().store().group(GROUP)).isInstanceOf(ClassicGroup.class);
        assertThat(OF_CLASSIC_GROUPS).containsAll(waitsFor());
    }

    @Test
    void aClassicGroupThatBecomesAConsumerGroupWaitsForNobodyAsAClassicGroup() {
        simulated.topics().create("t", 4);
        joinClassic();
        assertThat(OF_CLASSIC_GROUPS).containsAll(waitsFor());
        heartbeat("consumer", 0);
        assertThat(simulated.shard().store().group(GROUP)).isInstanceOf(ConsumerGroup.class);
        assertThat(waitsFor()).doesNotContainAnyElementsOf(OF_CLASSIC_GROUPS).isNotEmpty();
    }
}
