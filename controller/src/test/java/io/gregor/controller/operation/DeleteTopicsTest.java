package io.gregor.controller.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.controller.ControllerContext;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MutationQuota;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.DeleteTopicsRequest;
import io.gregor.wire.message.DeleteTopicsRequest.DeleteTopicState;
import io.gregor.wire.message.DeleteTopicsResponse.DeletableTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeleteTopicsTest {
    private static final int MANY = 400_000;

    @Test
    void aNameThatIsGivenTwiceIsRefusedOnce() {
        List<DeletableTopicResult> results = decide(List.of("a", "b", "a", "c", "a"));

        assertThat(results).extracting(DeletableTopicResult::name).containsExactly("a", "b", "c");
        assertThat(results)
                .extracting(DeletableTopicResult::errorCode)
                .containsExactly(
                        ErrorCode.INVALID_REQUEST.code(),
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code(),
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code());
        assertThat(results.get(0).errorMessage()).isEqualTo("Duplicate topic name.");
    }

    @Test
    void whatIsNamedBothWaysOrNotAtAllCountsForNoOther() {
        List<DeletableTopicResult> results = decideOn(List.of(
                new DeleteTopicState().name("a"),
                new DeleteTopicState().name("a").topicId(new Uuid(1, 1)),
                new DeleteTopicState().name(null),
                new DeleteTopicState().name(null)));

        assertThat(results)
                .extracting(DeletableTopicResult::errorMessage)
                .containsExactly(
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.message(),
                        "You may not specify both topic name and topic id.",
                        "Neither topic name nor id were specified.",
                        "Neither topic name nor id were specified.");
    }

    /** To compare each name with each other one would take an hour. */
    @Test
    void manyNamesAreEachLookedAtOnce() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            names.add("topic-" + i);
        }
        names.add("topic-0");

        List<DeletableTopicResult> results = decide(names);

        assertThat(results).hasSize(MANY);
        assertThat(results.get(0).errorCode()).isEqualTo(ErrorCode.INVALID_REQUEST.code());
    }

    private static List<DeletableTopicResult> decide(List<String> names) {
        return decideOn(
                names.stream().map(name -> new DeleteTopicState().name(name)).toList());
    }

    private static List<DeletableTopicResult> decideOn(List<DeleteTopicState> topics) {
        DeleteTopicsRequest request = new DeleteTopicsRequest().topics(topics);
        return new DeleteTopics(MutationQuota.Source.UNLIMITED, true)
                .decide(MetadataImage.EMPTY, request, new ControllerContext((short) 6, ""))
                .response()
                .responses();
    }
}
