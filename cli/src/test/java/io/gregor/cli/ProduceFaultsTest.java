package io.gregor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.cli.text.Bytes;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.MetadataResponse;
import io.gregor.wire.message.ProduceResponse;
import io.gregor.wire.record.Record;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What produce does with lines that cannot be written, or not yet. */
class ProduceFaultsTest {
    private FakeCluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = new FakeCluster().topic("t", 1);
    }

    @AfterEach
    void stop() throws IOException {
        cluster.close();
    }

    private static ProduceResponse refused(ErrorCode code) {
        return new ProduceResponse()
                .responses(List.of(new ProduceResponse.TopicProduceResponse()
                        .name("t")
                        .partitionResponses(
                                List.of(new ProduceResponse.PartitionProduceResponse().errorCode(code.code())))));
    }

    @Test
    void aBatchThatIsTooLargeIsCut() {
        cluster.batchBytesMax(200);
        List<String> lines =
                IntStream.range(0, 200).mapToObj(i -> "line number " + i).toList();
        assertThat(OneRun.feeding(cluster, String.join("\n", lines), "produce", "t"))
                .isEqualTo(new OneRun(0, "200 records written to t\n", ""));
        assertThat(cluster.values("t", 0)).isEqualTo(lines);
    }

    @Test
    void aRecordThatIsTooLargeIsNamedByItsLine() {
        cluster.batchBytesMax(200);
        String input = "a\nb\n" + "x".repeat(500) + "\nc\nd\n";
        OneRun run = OneRun.feeding(cluster, input, "produce", "t");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEqualTo("2 records written to t\n");
        assertThat(run.err())
                .startsWith("gregor: line 3: partition t-0: ")
                .endsWith("(MESSAGE_TOO_LARGE); not acknowledged: lines 3-5\n")
                .hasLineCount(1);
        assertThat(cluster.values("t", 0)).containsExactly("a", "b");
    }

    @Test
    void theRecordThatABrokerBlamesIsNamedByItsLine() {
        ProduceResponse response = refused(ErrorCode.INVALID_RECORD);
        response.responses()
                .get(0)
                .partitionResponses()
                .get(0)
                .recordErrors(List.of(new ProduceResponse.BatchIndexAndErrorMessage()
                        .batchIndex(1)
                        .batchIndexErrorMessage("no key")));
        cluster.next(ApiKey.PRODUCE, request -> response);
        assertThat(OneRun.feeding(cluster, "a\nb\nc\n", "produce", "t"))
                .isEqualTo(new OneRun(
                        1,
                        "0 records written to t\n",
                        "gregor: line 2: partition t-0: no key (INVALID_RECORD); not acknowledged: lines 1-3\n"));
    }

    @Test
    void aFailureInOnePartitionLeavesTheOthersAlone() {
        cluster.topic("t", 3);
        ProduceResponse response = new ProduceResponse()
                .responses(List.of(new ProduceResponse.TopicProduceResponse()
                        .name("t")
                        .partitionResponses(List.of(
                                new ProduceResponse.PartitionProduceResponse().index(0),
                                new ProduceResponse.PartitionProduceResponse()
                                        .index(1)
                                        .errorCode(ErrorCode.TOPIC_AUTHORIZATION_FAILED.code()),
                                new ProduceResponse.PartitionProduceResponse().index(2)))));
        cluster.next(ApiKey.PRODUCE, request -> response);
        String input = IntStream.of(0, 1, 2, 1, 1, 0)
                .mapToObj(i -> "{\"value\":\"v\",\"partition\":" + i + "}\n")
                .reduce("", String::concat);
        OneRun run = OneRun.feeding(cluster, input, "produce", "t", "--json");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEqualTo("3 records written to t\n");
        assertThat(run.err())
                .startsWith("gregor: line 2: partition t-1: ")
                .endsWith("(TOPIC_AUTHORIZATION_FAILED); not acknowledged: lines 2, 4-5\n");
    }

    @Test
    void whatWasReadBeforeABadLineIsWritten() {
        OneRun run = OneRun.feeding(cluster, "a=1\nb=2\nc\nd=4\n", "produce", "t", "--key-separator", "=");
        assertThat(run)
                .isEqualTo(new OneRun(
                        1, "2 records written to t\n", "gregor: line 3: there is no '=' between key and value\n"));
        OneRun other =
                OneRun.feeding(cluster, "{\"value\":1}\n{\"value\":2,\"partition\":9}\n", "produce", "t", "--json");
        assertThat(other)
                .isEqualTo(new OneRun(
                        1, "1 records written to t\n", "gregor: line 2: topic t has no partition 9, it has 1\n"));
    }

    @Test
    void whatWasReadBeforeTheInputFailsIsWritten() {
        InputStream input = new InputStream() {
            private int at;

            @Override
            public int available() {
                return 1;
            }

            @Override
            public int read() throws IOException {
                if (at == 4) {
                    throw new IOException("the disk is gone");
                }
                return "a\nb\n".charAt(at++);
            }

            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                bytes[from] = (byte) read();
                return 1;
            }
        };
        assertThat(OneRun.feeding(cluster, input, "produce", "t"))
                .isEqualTo(new OneRun(1, "2 records written to t\n", "gregor: the input: the disk is gone\n"));
        assertThat(cluster.values("t", 0)).containsExactly("a", "b");
    }

    /** Says part by part, and is asked for the next one only after the lines before it are there. */
    @Test
    void halfALineHoldsUpNoneBefore() {
        InputStream input = new InputStream() {
            private final List<String> parts = List.of("a\nb\nhal", "f\n", "");
            private int next;

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] bytes, int from, int length) {
                assertThat(cluster.values("t", 0))
                        .isEqualTo(List.of("a", "b", "half").subList(0, next == 0 ? 0 : next + 1));
                byte[] part = parts.get(next++).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(part, 0, bytes, from, part.length);
                return part.length == 0 ? -1 : part.length;
            }
        };
        assertThat(OneRun.feeding(cluster, input, "produce", "t"))
                .isEqualTo(new OneRun(0, "3 records written to t\n", ""));
    }

    private static MetadataResponse unknown(MetadataResponse known) {
        known.topics()
                .get(0)
                .errorCode(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code())
                .partitions(List.of());
        return known;
    }

    @Test
    void aTopicThatIsBeingCreatedIsWaitedFor() {
        for (int i = 0; i < 4; i++) {
            cluster.next(ApiKey.METADATA, request -> unknown(cluster.metadataWithoutLeader(0)));
        }
        cluster.next(ApiKey.PRODUCE, request -> refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
        assertThat(OneRun.feeding(cluster, "a\n", "produce", "t"))
                .isEqualTo(new OneRun(0, "1 records written to t\n", ""));
        assertThat(OneRun.feeding(cluster, "a\n", "produce", "nothing"))
                .isEqualTo(new OneRun(
                        1,
                        "",
                        "gregor: topic nothing: there is no such topic or partition (UNKNOWN_TOPIC_OR_PARTITION)\n"));
    }

    @ParameterizedTest
    @EnumSource(names = {"NOT_LEADER_OR_FOLLOWER", "NOT_ENOUGH_REPLICAS", "KAFKA_STORAGE_ERROR"})
    void whatMaySucceedIsRepeatedForAWhile(ErrorCode code) {
        cluster.next(ApiKey.PRODUCE, request -> refused(code));
        assertThat(OneRun.feeding(cluster, "a\n", "produce", "t").status()).isZero();
        assertThat(cluster.values("t", 0)).containsExactly("a");
        int before = cluster.asked(ApiKey.METADATA);
        for (int i = 0; i < 200; i++) {
            cluster.next(ApiKey.PRODUCE, request -> refused(code));
        }
        OneRun run = OneRun.feeding(cluster, "b\nc\n", "produce", "t");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEqualTo("0 records written to t\n");
        assertThat(run.err())
                .startsWith("gregor: line 1: partition t-0: ")
                .containsPattern("\\(" + code + "\\); tried \\d+ times in 6\\d s; not acknowledged: lines 1-2\n$");
        assertThat(cluster.asked(ApiKey.METADATA)).isGreaterThan(before + 60);
    }

    @Test
    void aPartitionThatIsGoneIsAnError() {
        // What the first question, and no other, is answered.
        cluster.next(ApiKey.METADATA, request -> {
            MetadataResponse response = cluster.metadataWithoutLeader(0);
            MetadataResponse.MetadataResponsePartition first =
                    response.topics().get(0).partitions().get(0).leaderId(1);
            MetadataResponse.MetadataResponsePartition second = new MetadataResponse.MetadataResponsePartition()
                    .partitionIndex(1)
                    .leaderId(1);
            response.topics().get(0).partitions(List.of(first, second));
            return response;
        });
        assertThat(OneRun.feeding(cluster, "a\n", "produce", "t", "--partition", "1"))
                .isEqualTo(new OneRun(
                        1, "0 records written to t\n", "gregor: line 1: topic t has no partitions [1] any more\n"));
    }

    @Test
    void allHeadersOfOneNameAreKept() {
        OneRun.feeding(cluster, "a\n", "produce", "t", "--header", "h=1", "--header", "h=2=3");
        assertThat(cluster.record("t", 0, 0).headers())
                .containsExactly(new Record.Header("h", Bytes.of("1")), new Record.Header("h", Bytes.of("2=3")));
    }

    @Test
    void whatNobodyAcknowledgesIsOnlySent() throws IOException {
        try (FakeCluster quiet = new FakeCluster().topic("t", 1)) {
            assertThat(OneRun.feeding(quiet, "a\nb\n", "produce", "t", "--acks", "0"))
                    .isEqualTo(new OneRun(0, "2 records sent to t\n", ""));
        }
    }
}
