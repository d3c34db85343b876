package io.gregor.coordinator.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.group.offset.ExpireOffsets;
import io.gregor.coordinator.runtime.SimulatedJournal;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.gregor.wire.message.OffsetCommitResponse;
import io.gregor.wire.message.OffsetDeleteRequest;
import io.gregor.wire.message.OffsetDeleteRequest.OffsetDeleteRequestPartition;
import io.gregor.wire.message.OffsetDeleteRequest.OffsetDeleteRequestTopic;
import io.gregor.wire.message.OffsetDeleteResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What deletes more than one batch of the log can hold is stored in several. */
class LargeDeletionTest {
    private static final String GROUP = "g".repeat(200);
    private static final String TOPIC = "t".repeat(200);
    private static final int OFFSETS = 10_000;
    private static final int OFFSETS_A_COMMIT = 1000;

    private final SimulatedShard simulated = new SimulatedShard();

    private void commitAll() {
        for (int from = 0; from < OFFSETS; from += OFFSETS_A_COMMIT) {
            List<OffsetCommitRequestPartition> partitions = IntStream.range(from, from + OFFSETS_A_COMMIT)
                    .mapToObj(index -> new OffsetCommitRequestPartition()
                            .partitionIndex(index)
                            .committedOffset(5))
                    .toList();
            OffsetCommitRequest request = new OffsetCommitRequest()
                    .groupId(GROUP)
                    .topics(List.of(new OffsetCommitRequestTopic().name(TOPIC).partitions(partitions)));
            List<OffsetCommitResponse> answers = new ArrayList<>();
            simulated.shard().commitOffsets().handle(request, (short) 8, answers::add);
            assertThat(answers).hasSize(1);
        }
        assertThat(simulated.shard().offsets().committed().count(GROUP)).isEqualTo(OFFSETS);
    }

    private void assertNothingIsLeft() {
        assertThat(simulated.shard().offsets().committed().count(GROUP)).isZero();
        assertThat(simulated.journal().largestBatch()).isLessThan(SimulatedJournal.BATCH_BYTES_MAX);
        simulated.restart();
        assertThat(simulated.shard().offsets().committed().count(GROUP)).isZero();
    }

    @Test
    void allOffsetsOfADeletedTopicGo() {
        commitAll();
        simulated.shard().expireOffsets().forgetTopics(Map.of(TOPIC, new Uuid(1, 1)));
        simulated.time().advance(1);
        assertNothingIsLeft();
    }

    /** Whatever looks through all offsets of a shard lets others have their turn, and does not miss what they ask. */
    @Test
    void offsetsAreLookedThroughInSteps() {
        ExpireOffsets expiry = simulated.shard().expireOffsets();
        for (Runnable pass : List.<Runnable>of(
                () -> expiry.forgetTopics(Map.of(TOPIC, new Uuid(1, 1))), expiry::forgetMissingTopics)) {
            commitAll();

            pass.run();

            assertThat(simulated.shard().offsets().committed().count(GROUP)).isBetween(OFFSETS - 1001, OFFSETS - 1);
            expiry.forgetTopics(Map.of(TOPIC, new Uuid(2, 2)));
            expiry.expire();
            simulated.time().advance(1);
            assertThat(simulated.shard().offsets().committed().count(GROUP)).isZero();
            assertThat(simulated.shard().store().group(GROUP)).isNull();
        }
    }

    @Test
    void aGroupWithManyOffsetsCanBeDeleted() {
        commitAll();
        List<ErrorCode> answers = new ArrayList<>();
        simulated.shard().deleteGroup().handle(GROUP, answers::add);
        assertThat(answers).containsExactly(ErrorCode.NONE);
        assertNothingIsLeft();
        assertThat(simulated.shard().store().group(GROUP)).isNull();
    }

    @Test
    void manyOffsetsCanBeDeletedByOneRequest() {
        commitAll();
        List<OffsetDeleteRequestPartition> partitions = IntStream.range(0, OFFSETS)
                .mapToObj(index -> new OffsetDeleteRequestPartition().partitionIndex(index))
                .toList();
        OffsetDeleteRequest request = new OffsetDeleteRequest()
                .groupId(GROUP)
                .topics(List.of(new OffsetDeleteRequestTopic().name(TOPIC).partitions(partitions)));
        List<OffsetDeleteResponse> answers = new ArrayList<>();
        simulated.shard().deleteOffsets().handle(request, answers::add);
        assertThat(answers)
                .singleElement()
                .satisfies(answer -> assertThat(answer.errorCode()).isZero());
        assertNothingIsLeft();
    }

    @Test
    void aDeletionThatCannotBeStoredIsAnsweredOnceWithItsError() {
        commitAll();
        simulated.journal().refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        List<ErrorCode> answers = new ArrayList<>();
        simulated.shard().deleteGroup().handle(GROUP, answers::add);
        assertThat(answers).containsExactly(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        assertThat(simulated.shard().store().group(GROUP)).isNotNull();
        assertThat(simulated.shard().offsets().committed().count(GROUP)).isEqualTo(OFFSETS);
    }
}
