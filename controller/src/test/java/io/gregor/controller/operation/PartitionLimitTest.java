package io.gregor.controller.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MutationQuota;
import io.gregor.wire.message.CreatePartitionsRequest;
import io.gregor.wire.message.CreatePartitionsRequest.CreatePartitionsTopic;
import io.gregor.wire.message.CreatePartitionsResponse;
import io.gregor.wire.message.CreatePartitionsResponse.CreatePartitionsTopicResult;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopic;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.CreateTopicsResponse.CreatableTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** One request creates at most 10,000 partitions. */
class PartitionLimitTest {
    private static final NodeSettings NODE = new NodeSettings(1, 1, (short) 1, () -> false);
    private static final ControllerContext CONTEXT = new ControllerContext((short) 7, "");
    private static final short NONE = ErrorCode.NONE.code();
    private static final short POLICY_VIOLATION = ErrorCode.POLICY_VIOLATION.code();

    @Test
    void createTopicsIsRefusedAsAWhole() {
        ControllerResult<CreateTopicsResponse> tooMany = create(topic("a", 6_000), topic("b", 4_001));

        assertThat(tooMany.response().topics())
                .extracting(CreatableTopicResult::errorCode)
                .containsExactly(POLICY_VIOLATION, POLICY_VIOLATION);
        assertThat(tooMany.records()).isEmpty();
        assertThat(create(topic("a", Integer.MAX_VALUE), topic("b", Integer.MAX_VALUE))
                        .records())
                .isEmpty();
        assertThat(create(topic("a", 6_000), topic("b", 4_000)).response().topics())
                .extracting(CreatableTopicResult::errorCode)
                .containsExactly(NONE, NONE);
    }

    @Test
    void createPartitionsRefusesTheTopicsThatDoNotFit() {
        MetadataImage image = ImageChange.apply(
                MetadataImage.EMPTY, create(topic("a", 1), topic("b", 1)).records());

        assertThat(grow(image, Integer.MAX_VALUE, 10_001))
                .extracting(CreatePartitionsTopicResult::errorCode)
                .containsExactly(POLICY_VIOLATION, NONE);
        assertThat(grow(image, 6_001, 4_002))
                .extracting(CreatePartitionsTopicResult::errorCode)
                .containsExactly(NONE, POLICY_VIOLATION);
    }

    private static CreatableTopic topic(String name, int partitions) {
        return new CreatableTopic().name(name).numPartitions(partitions).replicationFactor((short) 1);
    }

    private static ControllerResult<CreateTopicsResponse> create(CreatableTopic... topics) {
        return new CreateTopics(NODE, new AnyConfigs(), MutationQuota.Source.UNLIMITED, new Random(1))
                .decide(MetadataImage.EMPTY, new CreateTopicsRequest().topics(List.of(topics)), CONTEXT);
    }

    private static List<CreatePartitionsTopicResult> grow(MetadataImage image, int countOfA, int countOfB) {
        CreatePartitionsRequest request = new CreatePartitionsRequest()
                .topics(List.of(
                        new CreatePartitionsTopic().name("a").count(countOfA).assignments(null),
                        new CreatePartitionsTopic().name("b").count(countOfB).assignments(null)));
        ControllerResult<CreatePartitionsResponse> decision =
                new CreatePartitions(NODE, MutationQuota.Source.UNLIMITED).decide(image, request, CONTEXT);
        return decision.response().results();
    }
}
