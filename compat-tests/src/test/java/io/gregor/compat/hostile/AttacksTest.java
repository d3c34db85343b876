package io.gregor.compat.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
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
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests that are legal, and take far more memory than others: with a heap of 64 MB each is answered, and others are
 * served before the client has read its answer.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AttacksTest {
    private static final int BYSTANDER_ROUNDS = 5;
    private static final int PARTITIONS = 499_000;
    private static final int RESOURCES = 5_000;
    private static final int DEPTH = 15_000;

    private final GregorProcess broker;

    AttacksTest(@TempDir Path folder) throws Exception {
        broker = GregorProcess.startWith("-Xmx64m", folder);
    }

    @BeforeAll
    void prepare() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
            admin.createTopics(List.of(Bystander.TOPIC)).all().get();
        }
    }

    @AfterAll
    void stop() throws Exception {
        broker.close();
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
        FetchResponseData response = (FetchResponseData) attack(ApiKeys.FETCH, (short) 11, request);
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
                (DescribeConfigsResponseData) attack(ApiKeys.DESCRIBE_CONFIGS, (short) 4, request);
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
                (ListTransactionsResponseData) attack(ApiKeys.LIST_TRANSACTIONS, (short) 2, request);
        assertThat(Errors.forCode(response.errorCode())).isEqualTo(Errors.INVALID_REGULAR_EXPRESSION);
        assertThat(broker.output()).doesNotContain("StackOverflowError");
    }

    /** The bystander has its answers before the client reads its own. */
    private ApiMessage attack(ApiKeys api, short version, ApiMessage request) throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            client.send(api, version, request);
            Bystander bystander = new Bystander(broker.port());
            for (int i = 0; i < BYSTANDER_ROUNDS; i++) {
                bystander.round();
            }
            ApiMessage answer = client.answer(api, version);
            bystander.round();
            return answer;
        }
    }
}
