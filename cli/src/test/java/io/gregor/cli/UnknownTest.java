package io.gregor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ApiVersionsResponse;
import io.gregor.wire.message.ConsumerGroupDescribeResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ListGroupsResponse;
import io.gregor.wire.message.ListOffsetsResponse;
import io.gregor.wire.message.ListTransactionsResponse;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What status and doctor cannot find out they call unknown, with the reason, and not well. */
class UnknownTest {
    private FakeCluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = new FakeCluster().topic("t", 1).records("t", 0, "a", "b");
    }

    @AfterEach
    void stop() throws IOException {
        cluster.close();
    }

    private void group(ErrorCode code) {
        cluster.next(
                ApiKey.LIST_GROUPS,
                request -> new ListGroupsResponse()
                        .groups(List.of(new ListGroupsResponse.ListedGroup()
                                .groupId("g")
                                .groupType("consumer")
                                .groupState("Stable"))));
        for (int i = 0; i < 2; i++) {
            cluster.next(ApiKey.CONSUMER_GROUP_DESCRIBE, request -> described(code));
        }
    }

    private static ConsumerGroupDescribeResponse described(ErrorCode code) {
        ConsumerGroupDescribeResponse.Assignment assignment = new ConsumerGroupDescribeResponse.Assignment()
                .topicPartitions(List.of(new ConsumerGroupDescribeResponse.TopicPartitions()
                        .topicName("t")
                        .partitions(List.of(0))));
        return new ConsumerGroupDescribeResponse()
                .groups(List.of(new ConsumerGroupDescribeResponse.DescribedGroup()
                        .groupId("g")
                        .errorCode(code.code())
                        .groupState("Stable")
                        .members(List.of(new ConsumerGroupDescribeResponse.Member()
                                .memberId("m")
                                .subscribedTopicNames(List.of("t"))
                                .assignment(assignment)
                                .targetAssignment(assignment)))));
    }

    @Test
    void nothingIsWrongWhereAllIsKnown() {
        assertThat(OneRun.on(cluster, "status").out()).endsWith("nothing is wrong\n");
    }

    @Test
    void aGroupThatHasCommittedNothing() {
        group(ErrorCode.NONE);
        OneRun status = OneRun.on(cluster, "status");
        assertThat(status.out())
                .contains("what is unknown:", "how far group g is in [t-0]: unknown, because it has committed nothing")
                .doesNotContain("nothing is wrong")
                .containsPattern("g +consumer +Stable +1 +unknown");
        group(ErrorCode.NONE);
        OneRun doctor = OneRun.on(cluster, "doctor", "--group", "g");
        assertThat(doctor.out())
                .contains("?     how far group g is in [t-0]: unknown, because it has committed nothing there")
                .doesNotContain("has read all");
        assertThat(doctor.err()).isEqualTo("gregor: 1 unknown\n");
        assertThat(doctor.status()).isEqualTo(1);
    }

    @Test
    void aGroupOfWhichOneMayNotAsk() {
        group(ErrorCode.GROUP_AUTHORIZATION_FAILED);
        OneRun status = OneRun.on(cluster, "status");
        assertThat(status.status()).isZero();
        assertThat(status.out())
                .contains(
                        "  group g: unknown, because group g: ", "(GROUP_AUTHORIZATION_FAILED)", "open transactions: 0")
                .doesNotContain("nothing is wrong");
        group(ErrorCode.GROUP_AUTHORIZATION_FAILED);
        OneRun doctor = OneRun.on(cluster, "doctor", "--group", "g", "--topic", "t");
        assertThat(doctor.out()).contains("?     group g: unknown, because group g: ", "ok    partition t-0 has");
        assertThat(doctor.status()).isEqualTo(1);
    }

    @Test
    void transactionsThatNobodySays() {
        cluster.next(
                ApiKey.LIST_TRANSACTIONS,
                request -> new ListTransactionsResponse().errorCode(ErrorCode.CLUSTER_AUTHORIZATION_FAILED.code()));
        assertThat(OneRun.on(cluster, "status").out())
                .contains("  open transactions: unknown, because broker 1: ", "(CLUSTER_AUTHORIZATION_FAILED)")
                .doesNotContain("nothing is wrong");
        cluster.next(ApiKey.API_VERSIONS, request -> {
            ApiVersionsResponse all = FakeBroker.versions();
            return all.apiKeys(all.apiKeys().stream()
                    .filter(api -> api.apiKey() != ApiKey.LIST_TRANSACTIONS.id())
                    .toList());
        });
        assertThat(OneRun.on(cluster, "status").out())
                .contains("  open transactions: unknown, because the brokers have no LIST_TRANSACTIONS")
                .doesNotContain("nothing is wrong", "open transactions: 0");
    }

    @Test
    void offsetsThatNobodySays() {
        cluster.next(
                ApiKey.LIST_OFFSETS,
                request -> new ListOffsetsResponse()
                        .topics(List.of(new ListOffsetsResponse.ListOffsetsTopicResponse()
                                .name("t")
                                .partitions(List.of(new ListOffsetsResponse.ListOffsetsPartitionResponse()
                                        .errorCode(ErrorCode.TOPIC_AUTHORIZATION_FAILED.code()))))));
        assertThat(OneRun.on(cluster, "status").out())
                .contains("how many records topics have: unknown, because partition t-0: ")
                .containsPattern("t +1 +1 +unknown");
    }

    @Test
    void aPartitionWithoutALeaderIsNotEmpty() {
        cluster.topic("u", 2).withoutLeader("u", 1);
        assertThat(OneRun.on(cluster, "status").out())
                .containsPattern("u +2 +1 +unknown")
                .contains("topic u: no leader for partitions 1");
        assertThat(OneRun.on(cluster, "topic", "describe", "u").out()).containsPattern("1 +- +- +none");
    }
}
