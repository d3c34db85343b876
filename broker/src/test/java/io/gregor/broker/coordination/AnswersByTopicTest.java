package io.gregor.broker.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Answers are merged by topic as Apache Kafka merges them, in linear time. */
class AnswersByTopicTest {
    /** Counts the elements that are copied from it. */
    private static final class Partitions extends ArrayList<Integer> {
        private static final long serialVersionUID = 1;
        private static long copied;

        Partitions(List<Integer> partitions) {
            super(partitions);
        }

        @Override
        public Object[] toArray() {
            copied += size();
            return super.toArray();
        }
    }

    private record Topic(String name, List<Integer> partitions) {
        static Topic of(String name, Integer... partitions) {
            return new Topic(name, new Partitions(List.of(partitions)));
        }

        @Override
        public String toString() {
            return name + partitions;
        }
    }

    private final AnswersByTopic<String, Topic, Integer> answers = new AnswersByTopic<>(Topic::name, Topic::partitions);

    @Test
    void aTopicThatIsRefusedInPartHasOneEntry() {
        answers.add(Topic.of("a", 7));
        answers.add(Topic.of("b", 8));
        answers.add(Topic.of("a", 9));
        assertThat(answers.with(List.of(Topic.of("c", 1), Topic.of("a", 0), Topic.of("c", 2))))
                .asString()
                .isEqualTo("[a[7, 9, 0], b[8], c[1, 2]]");
    }

    @Test
    void whatTheCoordinatorAnswersAloneStaysAsItIs() {
        List<Topic> ofCoordinator = List.of(Topic.of("a", 1), Topic.of("a", 2));
        assertThat(answers.with(ofCoordinator)).isSameAs(ofCoordinator);
    }

    @Test
    void oneTopicAgainAndAgainTakesLinearTime() {
        int count = 100_000;
        Partitions.copied = 0;
        IntStream.range(0, count).forEach(i -> answers.add(Topic.of("a", i)));
        answers.with(IntStream.range(0, count).mapToObj(i -> Topic.of("b", i)).toList());
        assertThat(Partitions.copied).isBetween((long) count, 4L * count);
    }
}
