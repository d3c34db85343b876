package io.gregor.coordinator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.runtime.Journal.Appended;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.GroupMetadataKey;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is appended in parts is answered once, with what became of all of them. */
class JournalTest {
    private static final int PARTS = 3;
    private static final int ID_BYTES = 30_000;

    private final List<ErrorCode> answers = new ArrayList<>();
    private final List<Consumer<Appended>> appends = new ArrayList<>();
    private final Journal journal = (records, producer, accepted, done) -> {
        accepted.run();
        appends.add(done);
    };

    private void append() {
        String longId = "g".repeat(ID_BYTES);
        List<CoordinatorRecord> records = IntStream.range(0, PARTS * (Journal.PART_BYTES / ID_BYTES))
                .mapToObj(i -> CoordinatorRecord.tombstone((short) 2, new GroupMetadataKey().group(longId)))
                .toList();
        journal.appendInParts(records, part -> {}, answers::add);
    }

    @Test
    void theErrorOfAnyPartIsToldWhenAllAreAnswered() {
        for (int failing = 0; failing < PARTS; failing++) {
            appends.clear();
            answers.clear();
            append();
            assertThat(appends).hasSize(PARTS);

            for (int i = 0; i < PARTS; i++) {
                assertThat(answers).isEmpty();
                ErrorCode error = i == failing ? ErrorCode.UNKNOWN_SERVER_ERROR : ErrorCode.NONE;
                appends.get(i).accept(new Appended(error, i));
            }

            assertThat(answers).as("part %d", failing).containsExactly(ErrorCode.UNKNOWN_SERVER_ERROR);
        }
    }
}
