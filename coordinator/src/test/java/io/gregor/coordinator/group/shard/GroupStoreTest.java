package io.gregor.coordinator.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.group.GroupStore;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.Journal;
import io.gregor.coordinator.runtime.RecordType;
import io.gregor.coordinator.runtime.SimulatedTimers;
import io.gregor.coordinator.runtime.StateMemory;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.GroupMetadataKey;
import io.gregor.wire.message.GroupMetadataValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupStoreTest {
    private static final CoordinatorRecord RECORD =
            CoordinatorRecord.tombstone((short) 2, new GroupMetadataKey().group("g"));

    private final ManualTime time = new ManualTime();
    private final List<String> early = new ArrayList<>();
    private final List<ErrorCode> answered = new ArrayList<>();

    private GroupStore store(Journal journal) {
        Random ids = new Random(1);
        GroupStore store = new GroupStore(
                new StateMemory(new ByteBudget("groups", Long.MAX_VALUE)),
                new SimulatedShard.SimulatedTopics(),
                journal,
                new SimulatedTimers(time),
                time,
                () -> Uuid.random(ids));
        store.records()
                .add(List.of(new RecordType<>(
                        GroupMetadataKey.API_KEY,
                        GroupMetadataKey::new,
                        GroupMetadataValue::new,
                        GroupMetadataValue.HIGHEST_VERSION,
                        (key, value, position) -> {})));
        return store;
    }

    @Test
    void anAnswerThatThrowsKeepsNobodyFromTheirs() {
        Queue<Runnable> appends = new ArrayDeque<>();
        GroupStore store = store((records, producer, accepted, done) -> {
            accepted.run();
            appends.add(() -> done.accept(new Journal.Appended(ErrorCode.NONE, 0)));
        });
        store.store(List.of(RECORD), () -> {}, error -> {
            answered.add(error);
            throw new IllegalStateException("thrown by the test");
        });
        store.store(List.of(), () -> {}, answered::add);

        appends.remove().run();

        assertThat(answered).containsExactly(ErrorCode.NONE, ErrorCode.NONE);
    }

    @Test
    void whoAsksIsRefusedIfTheirAnswerThrows() {
        Queue<Runnable> appends = new ArrayDeque<>();
        GroupStore store = store((records, producer, accepted, done) -> {
            accepted.run();
            appends.add(() -> done.accept(new Journal.Appended(ErrorCode.NONE, 0)));
        });
        for (List<CoordinatorRecord> changes : List.of(List.of(RECORD), List.<CoordinatorRecord>of())) {
            store.asking()
                    .ask(
                            () -> answered.add(ErrorCode.UNKNOWN_SERVER_ERROR),
                            () -> store.store(changes, () -> {}, error -> {
                                throw new IllegalStateException("thrown by the test");
                            }));
        }

        appends.remove().run();

        assertThat(answered).containsExactly(ErrorCode.UNKNOWN_SERVER_ERROR, ErrorCode.UNKNOWN_SERVER_ERROR);
    }

    /** Whoever is told NONE has seen nothing that is not durable yet; everybody is answered once. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void nobodyIsAnsweredBeforeWhatTheyHaveSeenIsDurable(long seed) {
        Random random = new Random(seed);
        Deque<Runnable> appends = new ArrayDeque<>();
        int[] placed = new int[1];
        int[] durable = new int[1];
        GroupStore store = store((records, producer, accepted, done) -> {
            if (random.nextInt(3) == 0) {
                done.accept(new Journal.Appended(ErrorCode.COORDINATOR_NOT_AVAILABLE, -1));
                return;
            }
            placed[0]++;
            accepted.run();
            boolean fails = random.nextInt(10) == 0;
            appends.add(() -> {
                durable[0]++;
                ErrorCode error = fails ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.NONE;
                done.accept(new Journal.Appended(error, durable[0]));
            });
        });
        List<Integer> answers = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int number = i;
            if (random.nextInt(3) == 0 && !appends.isEmpty()) {
                appends.remove().run();
            }
            int[] seen = new int[] {placed[0]};
            store.store(random.nextBoolean() ? List.of(RECORD) : List.of(), () -> seen[0] = placed[0], error -> {
                answers.add(number);
                if (error == ErrorCode.NONE) {
                    assertDurable(seed, number, seen[0], durable[0]);
                }
            });
        }
        appends.forEach(Runnable::run);

        assertThat(answers).as("seed %d", seed).doesNotHaveDuplicates().hasSize(500);
        assertThat(early).isEmpty();
    }

    private void assertDurable(long seed, int number, int seen, int durable) {
        if (durable < seen) {
            early.add("seed %d: %d was told of append %d when %d were durable".formatted(seed, number, seen, durable));
        }
    }
}
