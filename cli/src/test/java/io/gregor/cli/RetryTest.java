package io.gregor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.wire.Message;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.DeleteGroupsResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ListOffsetsResponse;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is asked again when the wrong broker was asked, and for how long. */
class RetryTest {
    private FakeCluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = new FakeCluster().topic("t", 1).records("t", 0, "a");
    }

    @AfterEach
    void stop() throws IOException {
        cluster.close();
    }

    private static Message created(ErrorCode code) {
        return new CreateTopicsResponse()
                .topics(List.of(new CreateTopicsResponse.CreatableTopicResult()
                        .name("n")
                        .errorCode(code.code())));
    }

    @Test
    void theControllerIsLookedUpAnew() {
        cluster.next(ApiKey.CREATE_TOPICS, request -> created(ErrorCode.NOT_CONTROLLER))
                .next(ApiKey.CREATE_TOPICS, request -> created(ErrorCode.THROTTLING_QUOTA_EXCEEDED))
                .next(ApiKey.CREATE_TOPICS, request -> created(ErrorCode.NONE));
        OneRun run = OneRun.on(cluster, "topic", "create", "n");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).startsWith("created topic n");
        assertThat(cluster.asked(ApiKey.METADATA)).isEqualTo(2);
    }

    private static Message deleted(ErrorCode code) {
        return new DeleteGroupsResponse()
                .results(List.of(new DeleteGroupsResponse.DeletableGroupResult()
                        .groupId("g")
                        .errorCode(code.code())));
    }

    @Test
    void theCoordinatorIsLookedUpAnew() {
        cluster.next(ApiKey.DELETE_GROUPS, request -> deleted(ErrorCode.NOT_COORDINATOR))
                .next(ApiKey.DELETE_GROUPS, request -> deleted(ErrorCode.NONE));
        assertThat(OneRun.on(cluster, "group", "delete", "g")).isEqualTo(new OneRun(0, "deleted group g\n", ""));
        assertThat(cluster.asked(ApiKey.FIND_COORDINATOR)).isEqualTo(2);
    }

    private static Message offset(ErrorCode code) {
        return new ListOffsetsResponse()
                .topics(List.of(new ListOffsetsResponse.ListOffsetsTopicResponse()
                        .name("t")
                        .partitions(List.of(
                                new ListOffsetsResponse.ListOffsetsPartitionResponse().errorCode(code.code())))));
    }

    @Test
    void theLeaderIsLookedUpAnewForSomeTimeAndTheErrorSaysForHowLong() {
        cluster.next(ApiKey.LIST_OFFSETS, request -> offset(ErrorCode.NOT_LEADER_OR_FOLLOWER));
        assertThat(OneRun.on(cluster, "consume", "t")).isEqualTo(new OneRun(0, "a\n", ""));
        for (int i = 0; i < 200; i++) {
            cluster.next(ApiKey.LIST_OFFSETS, request -> offset(ErrorCode.NOT_LEADER_OR_FOLLOWER));
        }
        OneRun run = OneRun.on(cluster, "consume", "t");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("gregor: partition t-0: ")
                .containsPattern("\\(NOT_LEADER_OR_FOLLOWER\\); tried \\d+ times in 6\\d s\n$")
                .hasLineCount(1);
        assertThat(cluster.asked(ApiKey.METADATA)).isGreaterThan(60);
    }
}
