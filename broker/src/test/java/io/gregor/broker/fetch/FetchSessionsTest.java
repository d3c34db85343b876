package io.gregor.broker.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest;
import io.gregor.wire.message.FetchRequest.FetchPartition;
import io.gregor.wire.message.FetchRequest.FetchTopic;
import io.gregor.wire.message.FetchRequest.ForgottenTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sessions are bounded in number and in bytes, and give way to each other by Kafka's rules. */
class FetchSessionsTest {
    private static final short VERSION = 12;
    private static final long TWO_MINUTES = 120_000;

    private final ManualTime time = new ManualTime();
    private final ByteBudget memory = new ByteBudget("sessions", 100_000);

    private FetchSessions sessions(int slots) {
        return new FetchSessions(slots, memory, time, new Random(1));
    }

    private static FetchTopic topic(int first, int partitions) {
        List<FetchPartition> all = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            all.add(new FetchPartition().partition(first + i));
        }
        return new FetchTopic().topic("t").partitions(all);
    }

    /** The id of a new session, or 0 if there is none. */
    private static int begin(FetchSessions sessions, int partitions) {
        FetchSessions.Context context =
                sessions.begin(new FetchRequest().sessionEpoch(0).topics(List.of(topic(0, partitions))), VERSION);
        assertThat(context.error()).isEqualTo(ErrorCode.NONE);
        sessions.admit(context.session());
        return context.session().id();
    }

    private static ErrorCode goOn(FetchSessions sessions, int id, int epoch, FetchTopic... added) {
        FetchRequest request =
                new FetchRequest().sessionId(id).sessionEpoch(epoch).topics(List.of(added));
        return sessions.begin(request, VERSION).error();
    }

    @Test
    void partitionsThatNobodyKnowsHaveABound() {
        FetchSessions sessions = sessions(1000);
        int kept = 0;
        for (int i = 0; i < 500; i++) {
            kept += begin(sessions, 20) == 0 ? 0 : 1;
        }
        assertThat(kept).isBetween(10, 30);
        assertThat(begin(sessions, 10_000)).isZero();
        assertThat(memory.used()).isLessThanOrEqualTo(memory.limit());
    }

    @Test
    void whatWasNotUsedForTwoMinutesGivesWay() {
        FetchSessions sessions = sessions(2);
        int first = begin(sessions, 5);
        int second = begin(sessions, 5);
        time.advance(TWO_MINUTES);
        assertThat(goOn(sessions, second, 1)).isEqualTo(ErrorCode.NONE);
        assertThat(begin(sessions, 1)).isZero();
        time.advance(1);

        assertThat(begin(sessions, 1)).isNotZero();
        assertThat(goOn(sessions, first, 1)).isEqualTo(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(goOn(sessions, second, 2)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void oneThatHasBeenThereForTwoMinutesGivesWayToALargerOne() {
        FetchSessions sessions = sessions(2);
        int small = begin(sessions, 2);
        int large = begin(sessions, 5);
        assertThat(begin(sessions, 9)).isZero();
        time.advance(TWO_MINUTES + 1);
        assertThat(goOn(sessions, small, 1)).isEqualTo(ErrorCode.NONE);
        assertThat(goOn(sessions, large, 1)).isEqualTo(ErrorCode.NONE);

        assertThat(begin(sessions, 2)).isZero();
        assertThat(begin(sessions, 3)).isNotZero();
        assertThat(goOn(sessions, small, 2)).isEqualTo(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(goOn(sessions, large, 2)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void oneThatGrowsBeyondTheMemoryIsForgotten() {
        FetchSessions sessions = sessions(10);
        int id = begin(sessions, 10);
        assertThat(goOn(sessions, id, 1, topic(10, 10))).isEqualTo(ErrorCode.NONE);
        assertThat(goOn(sessions, id, 2, topic(20, 1000))).isEqualTo(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(goOn(sessions, id, 3)).isEqualTo(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(memory.used()).isZero();
    }

    @Test
    void whatIsForgottenOrEndedGivesItsMemoryBack() {
        FetchSessions sessions = sessions(10);
        int id = begin(sessions, 10);
        long ofTen = memory.used();
        FetchRequest forgets = new FetchRequest()
                .sessionId(id)
                .sessionEpoch(1)
                .forgottenTopicsData(List.of(new ForgottenTopic().topic("t").partitions(List.of(1, 2, 3, 99))));
        assertThat(sessions.begin(forgets, VERSION).error()).isEqualTo(ErrorCode.NONE);
        assertThat(memory.used()).isLessThan(ofTen);

        sessions.begin(new FetchRequest().sessionId(id).sessionEpoch(-1), VERSION);
        assertThat(memory.used()).isZero();
    }
}
