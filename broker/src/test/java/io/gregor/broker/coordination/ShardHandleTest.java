package io.gregor.broker.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.lane.Lane;
import io.gregor.coordinator.runtime.AskedJournal;
import io.gregor.coordinator.runtime.Asking;
import io.gregor.coordinator.runtime.Journal;
import io.gregor.coordinator.runtime.Shard;
import io.gregor.coordinator.runtime.StateMemory;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.message.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A shard is loaded as soon as that works, and whoever asks it is answered once, whatever happens. */
class ShardHandleTest {
    private static final int RECORD_BYTES = 1000;

    private final ManualTime time = new ManualTime();
    private final ByteBudget budget = new ByteBudget("shards", 10 * RECORD_BYTES);
    private final List<CountingShard> made = new ArrayList<>();
    private final Queue<Consumer<Journal.Appended>> appends = new ArrayDeque<>();
    private final List<String> told = new ArrayList<>();
    private final FailingLog log = new FailingLog();
    private final ShardHandle<CountingShard> handle =
            new ShardHandle<>(log, Runnable::run, this::create, shard -> told.add("loaded"));

    private CountingShard create() {
        CountingShard shard = new CountingShard(new StateMemory(budget));
        made.add(shard);
        return shard;
    }

    /** Each record takes as much memory. */
    private final class CountingShard implements Shard {
        private final StateMemory memory;
        private final AskedJournal journal =
                new AskedJournal((records, producer, accepted, done) -> appends.add(done), new Asking());
        private int records;
        private int timesLoaded;

        CountingShard(StateMemory memory) {
            this.memory = memory;
        }

        @Override
        public StateMemory memory() {
            return memory;
        }

        @Override
        public Asking asking() {
            return journal.asking();
        }

        @Override
        public void apply(Stored record) {
            records++;
            memory.change(RECORD_BYTES);
        }

        @Override
        public void endTransaction(long producerId, boolean commit) {}

        @Override
        public void loaded() {
            timesLoaded++;
        }
    }

    /** Two batches of one record each; the second cannot be read as long as there is a failure. */
    private final class FailingLog implements ShardHandle.Source {
        private @Nullable Exception failure;
        private Runnable whenRead = () -> {};
        private int batches = 2;
        private boolean deleted;

        @Override
        public Lane lane() {
            return new Lane() {
                @Override
                public boolean isCurrent() {
                    return true;
                }

                @Override
                public void execute(Runnable task) {
                    task.run();
                }

                @Override
                public Scheduled schedule(Runnable task, long delayMs) {
                    Runnable cancel = time.schedule(delayMs, task);
                    return cancel::run;
                }
            };
        }

        @Override
        public boolean isDeleted() {
            return deleted;
        }

        @Override
        public boolean isEmpty() {
            return false;
        }

        @Override
        public void replay(Shard shard, Runnable afterBatch) throws IOException {
            for (int i = 0; i < batches; i++) {
                if (i == 1 && failure instanceof IOException passing) {
                    throw passing;
                }
                if (i == 1 && failure instanceof RuntimeException fault) {
                    throw fault;
                }
                ByteBuffer key = ByteBuffer.wrap(new byte[] {(byte) i});
                shard.apply(new Shard.Stored(i, -1, key, key));
                afterBatch.run();
            }
            whenRead.run();
        }
    }

    private List<Object> ask(Consumer<Consumer<Object>> question) {
        List<Object> answers = new ArrayList<>();
        handle.<Object>ask((shard, answer) -> question.accept(answer), error -> error, answers::add);
        return answers;
    }

    private List<Object> append(BiConsumer<AskedJournal, Consumer<Object>> question) {
        List<Object> answers = new ArrayList<>();
        handle.<Object>ask((shard, answer) -> question.accept(shard.journal, answer), error -> error, answers::add);
        return answers;
    }

    private List<Object> ask() {
        return ask(answer -> answer.accept("answer"));
    }

    @Test
    void loadingThatFailsIsTriedAgainOnANewShardUntilItWorks() {
        log.failure = new IOException("no descriptors");
        handle.begin();
        assertThat(ask()).containsExactly(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        time.advance(60_000);
        assertThat(ask()).containsExactly(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        assertThat(made).hasSizeBetween(5, 30);
        assertThat(budget.used()).isZero();
        log.failure = null;
        time.advance(10_000);
        assertThat(ask()).containsExactly("answer");
        CountingShard last = made.get(made.size() - 1);
        assertThat(last.records).isEqualTo(2);
        assertThat(last.timesLoaded).isEqualTo(1);
        assertThat(budget.used()).isEqualTo(2 * RECORD_BYTES);
        int tries = made.size();
        time.advance(60_000);
        assertThat(made).hasSize(tries);
    }

    @Test
    void whoFollowsALoadedShardMissesNothingThatItIsTold() {
        log.failure = new IOException("no descriptors");
        handle.begin();
        handle.tell(shard -> told.add("before"));
        log.failure = null;
        log.whenRead = () -> handle.tell(shard -> told.add("while it loads"));
        time.advance(10_000);
        handle.tell(shard -> told.add("after"));
        assertThat(told).containsExactly("loaded", "after");
    }

    @Test
    void aShardThatCannotBeLoadedForAFaultIsNotAvailable() {
        log.failure = new IllegalStateException("a fault");
        handle.begin();
        assertThat(ask()).containsExactly(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    }

    @Test
    void aShardThatDoesNotFitIsLeftOutUntilItDoes() {
        log.batches = 30;
        handle.begin();
        assertThat(ask()).containsExactly(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        assertThat(budget.used()).isZero();
        log.batches = 5;
        time.advance(10_000);
        assertThat(ask()).containsExactly("answer");
    }

    @Test
    void aDeletedPartitionIsNotTriedAgain() {
        log.failure = new IOException("the disk is gone");
        handle.begin();
        log.deleted = true;
        time.advance(60_000);
        assertThat(made).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void aQuestionThatThrowsIsAnswered() {
        handle.begin();
        assertThat(ask(answer -> {
                    throw new IllegalStateException("a fault");
                }))
                .containsExactly(ErrorCode.UNKNOWN_SERVER_ERROR);
    }

    @Test
    void aQuestionThatThrowsBehindItsAnswerIsAnsweredOnce() {
        handle.begin();
        assertThat(ask(answer -> {
                    answer.accept("answer");
                    throw new IllegalStateException("a fault");
                }))
                .containsExactly("answer");
    }

    @Test
    void aQuestionIsAnsweredIfWhatFollowsItsAppendThrows() {
        handle.begin();
        List<Object> one = append((journal, answer) -> journal.append(List.of(), stored -> {
            throw new IllegalStateException("a fault");
        }));
        List<Object> other = append((journal, answer) -> journal.append(List.of(), answer::accept));

        assertThat(one).isEmpty();
        appends.remove().accept(new Journal.Appended(ErrorCode.NONE, 0));
        appends.remove().accept(new Journal.Appended(ErrorCode.NONE, 1));

        assertThat(one).containsExactly(ErrorCode.UNKNOWN_SERVER_ERROR);
        assertThat(other).containsExactly(ErrorCode.NONE);
    }

    @Test
    void aQuestionIsAnsweredIfWhatFollowsTheSecondOfItsAppendsThrows() {
        handle.begin();
        List<Object> answers = append((journal, answer) -> journal.append(
                List.of(),
                first -> journal.append(List.of(), second -> {
                    throw new IllegalStateException("a fault");
                })));

        appends.remove().accept(new Journal.Appended(ErrorCode.NONE, 0));
        appends.remove().accept(new Journal.Appended(ErrorCode.NONE, 1));

        assertThat(answers).containsExactly(ErrorCode.UNKNOWN_SERVER_ERROR);
    }

    @Test
    void aQuestionThatAnswersTwiceIsAnsweredOnce() {
        handle.begin();
        assertThat(ask(answer -> {
                    answer.accept("answer");
                    answer.accept("another");
                }))
                .containsExactly("answer");
    }
}
