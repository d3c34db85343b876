package io.gregor.compat.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests that would take more memory than a heap of 64 MB has, in versions whose answer has no error for the whole of
 * a request: each element gets it, and the connection stays.
 */
@Tag("once")
class RefusedRequestsTest extends AttackTest {
    private static final int PARTITIONS = 499_000;
    private static final short REFUSED = Errors.UNKNOWN_SERVER_ERROR.code();

    RefusedRequestsTest(@TempDir Path folder) throws Exception {
        super(folder, "auto.create.topics.enable=false");
    }

    @Test
    void eachPartitionWhoseOffsetsAreListedGetsTheError() throws Exception {
        List<ListOffsetsPartition> partitions = IntStream.range(0, PARTITIONS)
                .mapToObj(i -> new ListOffsetsPartition().setPartitionIndex(i))
                .toList();
        ListOffsetsRequestData request = new ListOffsetsRequestData()
                .setTopics(List.of(new ListOffsetsTopic().setName("nobody").setPartitions(partitions)));
        ListOffsetsResponseData response =
                (ListOffsetsResponseData) broker.attack(ApiKeys.LIST_OFFSETS, (short) 7, request);
        assertThat(response.topics().get(0).partitions())
                .hasSize(PARTITIONS)
                .allMatch(partition -> partition.errorCode() == REFUSED);
    }

    @Test
    void eachPartitionThatIsFetchedWithoutSessionsGetsTheError() throws Exception {
        List<FetchPartition> partitions = IntStream.range(0, PARTITIONS)
                .mapToObj(i -> new FetchPartition().setPartition(i))
                .toList();
        FetchRequestData request = new FetchRequestData()
                .setMaxWaitMs(0)
                .setTopics(List.of(new FetchTopic().setTopic("nobody").setPartitions(partitions)));
        FetchResponseData response = (FetchResponseData) broker.attack(ApiKeys.FETCH, (short) 6, request);
        assertThat(response.responses().get(0).partitions())
                .hasSize(PARTITIONS)
                .allMatch(partition -> partition.errorCode() == REFUSED);
    }

    @Test
    void eachTopicWhoseOffsetsAreCommittedGetsTheError() throws Exception {
        int topics = 150_000;
        OffsetCommitRequestData request = new OffsetCommitRequestData()
                .setGroupId("g")
                .setTopics(IntStream.range(0, topics)
                        .mapToObj(i -> new OffsetCommitRequestTopic()
                                .setName("t" + i)
                                .setPartitions(List.of(new OffsetCommitRequestPartition().setPartitionIndex(i))))
                        .toList());
        OffsetCommitResponseData response =
                (OffsetCommitResponseData) broker.attack(ApiKeys.OFFSET_COMMIT, (short) 8, request);
        assertThat(response.topics()).hasSize(topics);
        for (int i = 0; i < topics; i++) {
            assertThat(response.topics().get(i).name()).isEqualTo("t" + i);
            assertThat(response.topics().get(i).partitions().get(0).partitionIndex())
                    .isEqualTo(i);
            assertThat(response.topics().get(i).partitions().get(0).errorCode()).isEqualTo(REFUSED);
        }
    }
}
