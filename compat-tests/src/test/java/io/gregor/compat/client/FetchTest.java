package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.RawClient;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a fetch is answered, and with which errors. */
class FetchTest {
    private static final short WITH_TOPIC_NAMES = 12;
    /** Longer than a test waits for an answer. */
    private static final int FOREVER_MS = 3_600_000;

    @TempDir
    Path folder;

    @Test
    void aFetchDoesNotWaitForMoreThanItsAnswerMayHold() throws Exception {
        try (GregorProcess gregor = GregorProcess.start(folder);
                RawClient client = new RawClient(gregor.port())) {
            createTopic(gregor, "t");
            produce(client, "t", 3_000);
            produce(client, "t", 3_000);
            FetchRequestData request =
                    request(partitions("t", 0, 0)).setMinBytes(100_000).setMaxBytes(4_000);
            FetchResponseData response = (FetchResponseData) client.call(ApiKeys.FETCH, WITH_TOPIC_NAMES, request);
            assertThat(response.responses().get(0).partitions().get(0).records().sizeInBytes())
                    .isEqualTo(4_000);
        }
    }

    private static FetchRequestData request(FetchTopic topic) {
        return new FetchRequestData()
                .setMaxWaitMs(FOREVER_MS)
                .setMinBytes(1)
                .setMaxBytes(1 << 20)
                .setSessionEpoch(-1)
                .setTopics(List.of(topic));
    }

    private static FetchTopic partitions(String name, long offset, int... indexes) {
        FetchTopic topic = new FetchTopic().setTopic(name);
        for (int index : indexes) {
            topic.partitions()
                    .add(new FetchPartition()
                            .setPartition(index)
                            .setFetchOffset(offset)
                            .setPartitionMaxBytes(1 << 20));
        }
        return topic;
    }

    private static void createTopic(GregorProcess gregor, String name) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", gregor.address()))) {
            admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
        }
    }

    private static void produce(RawClient client, String topic, int bytes) throws Exception {
        MemoryRecords records = MemoryRecords.withRecords(
                Compression.NONE,
                new SimpleRecord(0L, null, ByteBuffer.allocate(bytes).array()));
        TopicProduceData data = new TopicProduceData()
                .setName(topic)
                .setPartitionData(List.of(new PartitionProduceData().setIndex(0).setRecords(records)));
        ProduceRequestData request = new ProduceRequestData()
                .setAcks((short) -1)
                .setTimeoutMs(10_000)
                .setTopicData(new TopicProduceDataCollection(List.of(data).iterator()));
        ProduceResponseData response = (ProduceResponseData) client.call(ApiKeys.PRODUCE, WITH_TOPIC_NAMES, request);
        assertThat(response.responses()
                        .iterator()
                        .next()
                        .partitionResponses()
                        .get(0)
                        .errorCode())
                .isZero();
    }
}
