package io.gregor.compat.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.RawClient;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Requests that are legal, and take far more memory than others: with a heap of 64 MB each is answered, and others are
 * served before the client has read its answer.
 */
@Tag("once")
class AttacksTest extends AttackTest {
    private static final int AT_ONCE = 3;
    private static final int CORRELATION_ID = 99;
    private static final int PARTITIONS = 499_000;
    private static final int RESOURCES = 5_000;
    private static final int DEPTH = 15_000;

    AttacksTest(@TempDir Path folder) throws Exception {
        super(folder, "auto.create.topics.enable=false");
    }

    @Test
    void aFetchOfMorePartitionsThanMemoryHasRoomForIsRefused() throws Exception {
        FetchRequestData request = new FetchRequestData()
                .setMaxWaitMs(0)
                .setMinBytes(0)
                .setTopics(List.of(new FetchTopic()
                        .setTopic("nobody")
                        .setPartitions(IntStream.range(0, PARTITIONS)
                                .mapToObj(i -> new FetchPartition().setPartition(i))
                                .toList())));
        FetchResponseData response = (FetchResponseData) broker.attack(ApiKeys.FETCH, (short) 11, request);
        assertThat(Errors.forCode(response.errorCode())).isEqualTo(Errors.UNKNOWN_SERVER_ERROR);
    }

    @Test
    void anAnswerThatIsAThousandTimesAsLargeAsItsRequestIsSentInPieces() throws Exception {
        DescribeConfigsRequestData request = new DescribeConfigsRequestData()
                .setIncludeSynonyms(true)
                .setIncludeDocumentation(true)
                .setResources(Collections.nCopies(
                        RESOURCES,
                        new DescribeConfigsResource()
                                .setResourceType(ConfigResource.Type.TOPIC.id())
                                .setResourceName(Bystander.TOPIC.name())
                                .setConfigurationKeys(null)));
        DescribeConfigsResponseData response =
                (DescribeConfigsResponseData) broker.attack(ApiKeys.DESCRIBE_CONFIGS, (short) 4, request);
        assertThat(response.results()).hasSize(RESOURCES);
        assertThat(response.results())
                .extracting(DescribeConfigsResult::errorCode)
                .containsOnly((short) 0);
    }

    /** Apache Kafka's stack overflows, which it answers with UNKNOWN_SERVER_ERROR. */
    @Test
    void aPatternThatIsNestedTooDeepIsRefused() throws Exception {
        ListTransactionsRequestData request =
                new ListTransactionsRequestData().setTransactionalIdPattern("(".repeat(DEPTH) + ")".repeat(DEPTH));
        ListTransactionsResponseData response =
                (ListTransactionsResponseData) broker.attack(ApiKeys.LIST_TRANSACTIONS, (short) 2, request);
        assertThat(Errors.forCode(response.errorCode())).isEqualTo(Errors.INVALID_REGULAR_EXPRESSION);
        assertThat(broker.output()).doesNotContain("StackOverflowError");
    }

    /** As many elements as one request may have, where the heap has 64 MB; several such requests come at once. */
    @ParameterizedTest
    @CsvSource({
        "LIST_OFFSETS,            /topics/partitions,              300000",
        "LIST_OFFSETS,            /topics,                         70000",
        "OFFSET_FOR_LEADER_EPOCH, /topics/partitions,              300000",
        "DELETE_RECORDS,          /topics/partitions,              300000",
        "DELETE_RECORDS,          /topics,                         70000",
        "DESCRIBE_PRODUCERS,      /topics/partition_indexes,       300000",
        "ADD_PARTITIONS_TO_TXN,   /transactions/topics/partitions, 300000",
        "ADD_PARTITIONS_TO_TXN,   /transactions/topics,            60000",
        "WRITE_TXN_MARKERS,       /markers,                        100000",
        "METADATA,                /topics,                         200000",
    })
    void asManyElementsAsAreAdmitted(ApiKeys api, String path, int length) throws Exception {
        byte[] request = new LongArrays(
                        api, api.latestVersion(), path, length, LongArrays.Elements.DISTINCT, Uuid.ZERO_UUID)
                .frame(CORRELATION_ID);
        byte[] frame = ByteBuffer.allocate(4 + request.length)
                .putInt(request.length)
                .put(request)
                .array();
        // Apache Kafka's own classes take quadratic time to read such an answer.
        Callable<Integer> attack = () -> {
            try (RawClient client = new RawClient(broker.port())) {
                client.send(frame);
                return client.answer().getInt();
            }
        };
        assertThat(broker.whileOthersAreServed(Collections.nCopies(AT_ONCE, attack)))
                .containsOnly(CORRELATION_ID);
    }
}
