package io.gregor.coordinator.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.wire.Uuid;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.gregor.wire.message.OffsetCommitResponse;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import io.gregor.wire.message.TxnOffsetCommitRequest;
import io.gregor.wire.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition;
import io.gregor.wire.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic;
import io.gregor.wire.message.TxnOffsetCommitResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Offsets go with their topic, and with no other of its name. */
class DeletedTopicTest {
    private static final String GROUP = "g";

    private final SimulatedShard simulated = new SimulatedShard();

    private Uuid create(String topic) {
        simulated.topics().create(topic, 1);
        return Objects.requireNonNull(simulated.topics().find(topic)).id();
    }

    private void commit(String topic, Uuid id, long offset) {
        OffsetCommitRequestPartition partition =
                new OffsetCommitRequestPartition().partitionIndex(0).committedOffset(offset);
        List<OffsetCommitResponse> answers = new ArrayList<>();
        simulated
                .shard()
                .commitOffsets()
                .handle(
                        new OffsetCommitRequest()
                                .groupId(GROUP)
                                .topics(List.of(new OffsetCommitRequestTopic()
                                        .name(topic)
                                        .topicId(id)
                                        .partitions(List.of(partition)))),
                        (short) 9,
                        answers::add);
        assertThat(answers).hasSize(1);
    }

    private void commitInTransaction(String topic, long offset) {
        commitInTransaction(1, topic, offset);
    }

    private void commitInTransaction(long producerId, String topic, long offset) {
        TxnOffsetCommitRequestPartition partition =
                new TxnOffsetCommitRequestPartition().partitionIndex(0).committedOffset(offset);
        List<TxnOffsetCommitResponse> answers = new ArrayList<>();
        simulated
                .shard()
                .commitTransactionalOffsets()
                .handle(
                        new TxnOffsetCommitRequest()
                                .groupId(GROUP)
                                .producerId(producerId)
                                .producerEpoch((short) 0)
                                .topics(List.of(new TxnOffsetCommitRequestTopic()
                                        .name(topic)
                                        .partitions(List.of(partition)))),
                        answers::add);
        assertThat(answers).hasSize(1);
    }

    private long fetch(String topic, Uuid id) {
        OffsetFetchRequestTopics wanted =
                new OffsetFetchRequestTopics().name(topic).topicId(id).partitionIndexes(List.of(0));
        return simulated
                .shard()
                .fetchOffsets()
                .handle(new OffsetFetchRequestGroup().groupId(GROUP).topics(List.of(wanted)), false, name -> id)
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .committedOffset();
    }

    @Test
    void anOffsetOfAnotherTopicOfThatNameIsNotGiven() {
        Uuid first = create("t");
        commit("t", first, 5);
        assertThat(fetch("t", first)).isEqualTo(5);
        assertThat(fetch("t", Uuid.ZERO)).isEqualTo(5);
        assertThat(fetch("t", new Uuid(9, 9))).isEqualTo(-1);
    }

    @Test
    void whatWasCommittedForTheNewTopicStays() {
        Uuid first = create("t");
        Uuid second = create("t");
        commit("t", second, 7);
        simulated.shard().expireOffsets().forgetTopics(Map.of("t", first));
        assertThat(fetch("t", second)).isEqualTo(7);
        simulated.shard().expireOffsets().forgetTopics(Map.of("t", second));
        assertThat(fetch("t", second)).isEqualTo(-1);
    }

    /** A record that deletes the one deletes the other, too: the log cannot tell them apart. */
    @Test
    void whatIsPendingForTheOldTopicTakesNothingOfTheNewOneAlong() {
        create("committed");
        create("pending");
        commitInTransaction(1, "committed", 1);
        commitInTransaction(1, "pending", 2);
        Uuid second = create("committed");
        Uuid other = create("pending");
        commit("committed", second, 5);
        commitInTransaction(2, "pending", 6);
        simulated.shard().expireOffsets().forgetMissingTopics();
        assertThat(fetch("committed", second)).isEqualTo(5);
        simulated.restart();
        simulated.shard().expireOffsets().forgetMissingTopics();
        simulated.shard().endTransaction(1, true);
        simulated.shard().endTransaction(2, true);
        assertThat(fetch("committed", second)).isEqualTo(5);
        assertThat(fetch("pending", other)).isEqualTo(6);
    }

    @Test
    void whatWasDeletedWhileNobodyListenedIsForgottenLater() {
        Uuid gone = create("gone");
        Uuid renewed = create("renewed");
        Uuid kept = create("kept");
        commit("gone", gone, 1);
        commit("renewed", renewed, 2);
        commit("kept", kept, 3);
        create("unnamed");
        commit("unnamed", Uuid.ZERO, 4);
        commitInTransaction("gone", 10);
        commitInTransaction("kept", 11);
        simulated.topics().delete("gone");
        Uuid second = create("renewed");
        simulated.restart();
        simulated.shard().expireOffsets().forgetMissingTopics();
        for (int restarts = 0; restarts < 2; restarts++) {
            assertThat(fetch("gone", Uuid.ZERO)).isEqualTo(-1);
            assertThat(fetch("renewed", second)).isEqualTo(-1);
            assertThat(fetch("kept", kept)).isEqualTo(3);
            assertThat(fetch("unnamed", Uuid.ZERO)).isEqualTo(4);
            simulated.restart();
        }
        simulated.shard().endTransaction(1, true);
        assertThat(fetch("gone", Uuid.ZERO)).isEqualTo(-1);
        assertThat(fetch("kept", Uuid.ZERO)).isEqualTo(11);
    }
}
