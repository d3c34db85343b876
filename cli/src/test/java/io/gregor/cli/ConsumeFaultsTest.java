package io.gregor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ConsumerGroupHeartbeatResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest;
import io.gregor.wire.message.FetchResponse;
import io.gregor.wire.message.HeartbeatResponse;
import io.gregor.wire.message.JoinGroupResponse;
import io.gregor.wire.message.MetadataResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What consume does where the output, a leader, or the group fails. */
class ConsumeFaultsTest {
    private FakeCluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = new FakeCluster().topic("t", 2).records("t", 0, "a", "b").records("t", 1, "c");
    }

    @AfterEach
    void stop() throws IOException {
        cluster.close();
    }

    /** Takes so many bytes and no more. */
    private static final class Full extends OutputStream {
        private final String message;
        private int left;

        Full(int left, String message) {
            this.left = left;
            this.message = message;
        }

        @Override
        public void write(int b) throws IOException {
            if (left-- <= 0) {
                throw new IOException(message);
            }
        }
    }

    @Test
    void whatCouldNotBeWrittenIsNotCommitted() {
        OneRun run = OneRun.printing(cluster, new Full(1, "No space left on device"), "consume", "t", "--group", "g");
        assertThat(run).isEqualTo(new OneRun(1, "", "gregor: the output cannot be written: No space left on device\n"));
        assertThat(cluster.committed("t", 0)).isZero();
        assertThat(cluster.committed("t", 1)).isZero();
    }

    @Test
    void aReaderThatHasEndedEndsItQuietly() {
        for (String[] args : List.of(new String[] {"consume", "t", "--group", "g"}, new String[] {"consume", "t"})) {
            assertThat(OneRun.printing(cluster, new Full(1, "Broken pipe"), args))
                    .isEqualTo(new OneRun(1, "", ""));
        }
        assertThat(cluster.committed("t", 0)).isZero();
        assertThat(OneRun.printing(cluster, new Full(0, "Broken pipe"), "topic", "list"))
                .isEqualTo(new OneRun(1, "", ""));
    }

    @Test
    void whatWasWrittenBeforeIsCommitted() {
        cluster.next(ApiKey.FETCH, request -> only(0));
        OneRun run = OneRun.printing(cluster, new Full(4, "Broken pipe"), "consume", "t", "--group", "g");
        assertThat(run.status()).isEqualTo(1);
        assertThat(cluster.committed("t", 0)).isEqualTo(2);
        assertThat(cluster.committed("t", 1)).isZero();
    }

    /** What a fetch of that partition alone is answered. */
    private FetchResponse only(int partition) {
        return (FetchResponse) cluster.usual(
                ApiKey.FETCH,
                new FetchRequest()
                        .topics(List.of(new FetchRequest.FetchTopic()
                                .topic("t")
                                .partitions(List.of(new FetchRequest.FetchPartition()
                                        .partition(partition)
                                        .fetchOffset(0))))));
    }

    private static String lines(OneRun run) {
        return String.join(" ", run.out().lines().sorted().toList());
    }

    @Test
    void aPartitionWithoutALeaderIsToldAndAskedForAgain() {
        cluster.withoutLeader("t", 1);
        OneRun run = OneRun.on(cluster, "consume", "t");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEqualTo("a\nb\n");
        assertThat(run.err().lines())
                .first()
                .isEqualTo("gregor: partition t-1 has no leader (LEADER_NOT_AVAILABLE): it is asked for again");
        assertThat(run.err().lines().skip(1))
                .singleElement()
                .asString()
                .startsWith("gregor: partition t-1 has no leader (LEADER_NOT_AVAILABLE); asked again for 6");
    }

    @Test
    void aPartitionThatGetsALeaderIsRead() {
        for (int i = 0; i < 5; i++) {
            cluster.next(ApiKey.METADATA, request -> cluster.metadataWithoutLeader(1));
        }
        for (String[] args : List.of(new String[] {"consume", "t"}, new String[] {"consume", "t", "--group", "g"})) {
            OneRun run = OneRun.on(cluster, args);
            assertThat(run.status()).isZero();
            assertThat(lines(run)).isEqualTo("a b c");
        }
        assertThat(cluster.committed("t", 1)).isEqualTo(1);
    }

    @Test
    void aLeaderThatMovedIsLookedUpAnew() {
        cluster.next(ApiKey.FETCH, request -> refused(ErrorCode.NOT_LEADER_OR_FOLLOWER, 0))
                .next(ApiKey.FETCH, request -> refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 1));
        OneRun run = OneRun.on(cluster, "consume", "t");
        assertThat(run.err()).isEmpty();
        assertThat(lines(run)).isEqualTo("a b c");
    }

    @Test
    void aPartitionThatCannotBeReadIsAnError() {
        for (int i = 0; i < 100; i++) {
            cluster.next(ApiKey.FETCH, request -> refused(ErrorCode.KAFKA_STORAGE_ERROR, 1));
        }
        OneRun run = OneRun.on(cluster, "consume", "t");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("gregor: partition t-1: ")
                .contains("(KAFKA_STORAGE_ERROR); asked again for 6")
                .hasLineCount(1);
        assertThat(cluster.asked(ApiKey.FETCH)).isLessThan(100);
    }

    private static FetchResponse refused(ErrorCode code, int partition) {
        return new FetchResponse()
                .responses(List.of(new FetchResponse.FetchableTopicResponse()
                        .topic("t")
                        .partitions(List.of(new FetchResponse.PartitionData()
                                .partitionIndex(partition)
                                .errorCode(code.code())))));
    }

    @Test
    void whoeverIsFencedJoinsAgainAndGoesOnAtWhatIsCommitted() {
        cluster.next(ApiKey.FETCH, request -> only(0))
                .next(ApiKey.OFFSET_COMMIT, request -> FakeCluster.refused(request, ErrorCode.UNKNOWN_MEMBER_ID))
                .next(ApiKey.OFFSET_COMMIT, request -> FakeCluster.refused(request, ErrorCode.UNKNOWN_MEMBER_ID))
                .next(ApiKey.HEARTBEAT, request -> {
                    // Another member has read one record meanwhile.
                    cluster.commit("t", 0, 1);
                    return new HeartbeatResponse().errorCode(ErrorCode.UNKNOWN_MEMBER_ID.code());
                });
        OneRun run = OneRun.on(cluster, "consume", "t", "--group", "g");
        assertThat(run.status()).isZero();
        assertThat(lines(run)).isEqualTo("a b b c");
        assertThat(run.err())
                .isEqualTo("gregor: group g: the last records of [t-0] were printed, but not committed before the"
                        + " partitions were lost: they are read again\n");
        assertThat(cluster.committed("t", 0)).isEqualTo(2);
        assertThat(cluster.committed("t", 1)).isEqualTo(1);
    }

    @Test
    void aMemberOfTheConsumerProtocolDoesTheSame() {
        cluster.next(ApiKey.FETCH, request -> only(0))
                .next(ApiKey.CONSUMER_GROUP_HEARTBEAT, request -> null)
                .next(ApiKey.CONSUMER_GROUP_HEARTBEAT, request -> {
                    cluster.commit("t", 0, 1);
                    return new ConsumerGroupHeartbeatResponse().errorCode(ErrorCode.FENCED_MEMBER_EPOCH.code());
                });
        OneRun run = OneRun.on(cluster, "consume", "t", "--group", "g", "--protocol", "consumer");
        assertThat(run.status()).isZero();
        assertThat(lines(run)).isEqualTo("a b b c");
        assertThat(run.err()).contains("[t-0] were printed, but not committed").hasLineCount(1);
        assertThat(cluster.committed("t", 0)).isEqualTo(2);
        assertThat(cluster.committed("t", 1)).isEqualTo(1);
    }

    @Test
    void anotherMemberMayWantATopicThatIsNotThere() {
        cluster.next(ApiKey.JOIN_GROUP, request -> {
            JoinGroupResponse response = (JoinGroupResponse) cluster.usual(ApiKey.JOIN_GROUP, request);
            byte[] subscription = response.members().get(0).metadata().clone();
            for (int i = 0; i < subscription.length; i++) {
                subscription[i] = subscription[i] == 't' ? (byte) 'x' : subscription[i];
            }
            JoinGroupResponse.JoinGroupResponseMember other = new JoinGroupResponse.JoinGroupResponseMember()
                    .memberId("n")
                    .metadata(subscription);
            return response.members(List.of(response.members().get(0), other));
        });
        OneRun run = OneRun.on(cluster, "consume", "t", "--group", "g");
        assertThat(run.err()).isEmpty();
        assertThat(lines(run)).isEqualTo("a b c");
    }

    @ParameterizedTest
    @EnumSource(names = {"COORDINATOR_LOAD_IN_PROGRESS", "NOT_COORDINATOR", "UNKNOWN_TOPIC_OR_PARTITION"})
    void aCommitThatMaySucceedIsRepeated(ErrorCode code) {
        cluster.next(ApiKey.OFFSET_COMMIT, request -> FakeCluster.refused(request, code));
        OneRun run = OneRun.on(cluster, "consume", "t", "--group", "g");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        assertThat(cluster.committed("t", 0)).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(names = {"GROUP_AUTHORIZATION_FAILED", "UNKNOWN_MEMBER_ID", "INVALID_COMMIT_OFFSET_SIZE"})
    void aCommitThatIsRefusedAtTheEndIsAnError(ErrorCode code) {
        for (int i = 0; i < 5; i++) {
            cluster.next(ApiKey.OFFSET_COMMIT, request -> FakeCluster.refused(request, code));
        }
        OneRun run = OneRun.on(cluster, "consume", "t", "--group", "g", "--count", "3");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).startsWith("gregor: group g: offset of t-").contains("not committed: ", code.name());
        assertThat(run.err()).hasLineCount(1);
    }

    @Test
    void aTopicThatWasJustCreatedIsFound() {
        MetadataResponse unknown = cluster.metadataWithoutLeader(0);
        unknown.topics()
                .get(0)
                .errorCode(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code())
                .partitions(List.of());
        cluster.next(ApiKey.METADATA, request -> unknown).next(ApiKey.METADATA, request -> unknown);
        assertThat(lines(OneRun.on(cluster, "consume", "t"))).isEqualTo("a b c");
        assertThat(OneRun.on(cluster, "consume", "nothing"))
                .isEqualTo(new OneRun(
                        1,
                        "",
                        "gregor: topic nothing: there is no such topic or partition (UNKNOWN_TOPIC_OR_PARTITION)\n"));
    }

    @Test
    void bytesAreNotTouchedByTheWayOut() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(OneRun.printing(cluster, out, "consume", "t", "--partition", "1")
                        .status())
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("c\n");
    }
}
