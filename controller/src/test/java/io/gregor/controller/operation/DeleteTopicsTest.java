package io.gregor.controller.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.controller.ControllerContext;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MutationQuota;
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
        DeleteTopicsRequest request = new DeleteTopicsRequest()
                .topics(names.stream()
                        .map(name -> new DeleteTopicState().name(name))
                        .toList());
        return new DeleteTopics(MutationQuota.Source.UNLIMITED, true)
                .decide(MetadataImage.EMPTY, request, new ControllerContext((short) 6, ""))
                .response()
                .responses();
    }
}
