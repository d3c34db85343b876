package io.gregor.compat.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.RawClient;
import java.io.IOException;
import java.util.List;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Somebody who does what all clients do, on fresh connections, while others misbehave: is always served. */
final class Bystander {
    static final NewTopic TOPIC = new NewTopic("bystander", 1, (short) 1);

    private final int port;

    Bystander(int port) {
        this.port = port;
    }

    /** Asks for versions, and writes a record. */
    void round() throws IOException {
        try (RawClient client = new RawClient(port)) {
            ApiVersionsResponseData versions = (ApiVersionsResponseData)
                    client.call(ApiKeys.API_VERSIONS, (short) 0, new ApiVersionsRequestData());
            assertThat(versions.errorCode()).isZero();
        }
        try (RawClient client = new RawClient(port)) {
            ProduceRequestData.TopicProduceDataCollection topics = new ProduceRequestData.TopicProduceDataCollection();
            topics.add(new ProduceRequestData.TopicProduceData()
                    .setName(TOPIC.name())
                    .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()
                            .setRecords(MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[10]))))));
            ProduceResponseData response = (ProduceResponseData) client.call(
                    ApiKeys.PRODUCE,
                    (short) 9,
                    new ProduceRequestData()
                            .setAcks((short) 1)
                            .setTimeoutMs(1_000)
                            .setTopicData(topics));
            assertThat(response.responses()
                            .iterator()
                            .next()
                            .partitionResponses()
                            .get(0)
                            .errorCode())
                    .isZero();
        }
    }
}
