package io.gregor.coordinator.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.group.consumer.ConsumerGroup;
import io.gregor.coordinator.runtime.Client;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.ConsumerGroupHeartbeatResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A member that is not heard of in time is fenced, whoever else is heard of. */
class MemberTimeoutTest {
    private final SimulatedShard simulated = new SimulatedShard();

    private void heartbeat(String groupId, String memberId, int epoch) {
        List<ConsumerGroupHeartbeatResponse> answers = new ArrayList<>();
        ConsumerGroupHeartbeatRequest request = new ConsumerGroupHeartbeatRequest()
                .groupId(groupId)
                .memberId(memberId)
                .memberEpoch(epoch)
                .rebalanceTimeoutMs(30_000)
                .subscribedTopicNames(List.of("t"))
                .topicPartitions(List.of());
        simulated.shard().consumerGroupHeartbeat().handle(new Client("c", "/h", (short) 1), request, answers::add);
        simulated.time().advance(100);
        assertThat(answers)
                .singleElement()
                .satisfies(answer -> assertThat(answer.errorCode()).isZero());
    }

    @Test
    void aMemberIsFencedWhileOneOfAnotherGroupWithNamesOfTheSameLettersLives() {
        heartbeat("g", "x y", 0);
        heartbeat("g x", "y", 0);
        for (int i = 0; i < 3; i++) {
            simulated.time().advance(SimulatedShard.SESSION_MS / 2);
            ConsumerGroup other =
                    Objects.requireNonNull(simulated.shard().consumerGroups().find("g x"));
            heartbeat("g x", "y", Objects.requireNonNull(other.member("y")).epoch());
        }
        ConsumerGroup silent = simulated.shard().consumerGroups().find("g");
        assertThat(silent == null ? null : silent.member("x y")).isNull();
    }
}
