package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.RawClient;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a fetch is answered, and with which errors. */
@Tag("once")
class FetchTest {
    private static final short WITH_TOPIC_NAMES = 12;
    private static final short WITH_TOPIC_IDS = 13;
    private static final Uuid NEVER_KNOWN = new Uuid(7, 7);
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

    @Test
    void anUnknownPartitionIsNoReasonToAnswerAtOnce() throws Exception {
        try (GregorProcess gregor = GregorProcess.start(folder);
                RawClient fetching = new RawClient(gregor.port());
                RawClient producing = new RawClient(gregor.port())) {
            createTopic(gregor, "t");
            fetching.send(ApiKeys.FETCH, WITH_TOPIC_NAMES, request(partitions("t", 0, 7, 0)));
            produce(producing, "t", 100);
            FetchResponseData response = (FetchResponseData) fetching.answer(ApiKeys.FETCH, WITH_TOPIC_NAMES);
            List<PartitionData> answered = response.responses().get(0).partitions();
            assertThat(answered).extracting(PartitionData::partitionIndex).containsExactly(0, 7);
            assertThat(answered).extracting(PartitionData::errorCode).containsExactly((short) 0, (short) 3);
            assertThat(answered.get(0).records().sizeInBytes())
                    .as("what was produced while the fetch waited")
                    .isPositive();
        }
    }

    @Test
    void aSessionTellsATopicThatIsGoneFromOneThatWasMadeAgain() throws Exception {
        try (GregorProcess gregor = GregorProcess.start(folder);
                RawClient client = new RawClient(gregor.port());
                Admin admin = Admin.create(Map.of("bootstrap.servers", gregor.address()))) {
            createTopic(gregor, "other");
            Uuid id = createTopic(gregor, "t");
            FetchRequestData full = request(byId(id)).setSessionEpoch(0).setMaxWaitMs(0);
            full.topics().add(byId(NEVER_KNOWN));
            FetchResponseData first = (FetchResponseData) client.call(ApiKeys.FETCH, WITH_TOPIC_IDS, full);
            assertThat(errors(first)).containsExactly((short) 0, (short) 100);
            FetchRequestData next =
                    new FetchRequestData().setSessionId(first.sessionId()).setSessionEpoch(1);
            admin.deleteTopics(List.of("t")).all().get();
            assertThat(errors((FetchResponseData) client.call(ApiKeys.FETCH, WITH_TOPIC_IDS, next)))
                    .as("UNKNOWN_TOPIC_ID and UNKNOWN_TOPIC_OR_PARTITION")
                    .containsExactly((short) 100, (short) 3);
            createTopic(gregor, "t");
            next.setSessionEpoch(2);
            assertThat(errors((FetchResponseData) client.call(ApiKeys.FETCH, WITH_TOPIC_IDS, next)))
                    .as("INCONSISTENT_TOPIC_ID and UNKNOWN_TOPIC_ID")
                    .containsExactly((short) 103, (short) 100);
        }
    }

    private static List<Short> errors(FetchResponseData response) {
        return response.responses().stream()
                .flatMap(topic -> topic.partitions().stream())
                .map(PartitionData::errorCode)
                .toList();
    }

    private static FetchTopic byId(Uuid id) {
        return new FetchTopic()
                .setTopicId(id)
                .setPartitions(partitions("", 0, 0).partitions());
    }

    private static FetchRequestData request(FetchTopic topic) {
        return new FetchRequestData()
                .setMaxWaitMs(FOREVER_MS)
                .setMinBytes(1)
                .setMaxBytes(1 << 20)
                .setSessionEpoch(-1)
                .setTopics(new ArrayList<>(List.of(topic)));
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

    private static Uuid createTopic(GregorProcess gregor, String name) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", gregor.address()))) {
            return admin.createTopics(List.of(new NewTopic(name, 1, (short) 1)))
                    .topicId(name)
                    .get();
        }
    }

    private static void produce(RawClient client, String topic, int bytes) throws Exception {
        MemoryRecords records = MemoryRecords.withRecords(
                Compression.NONE,
                new SimpleRecord(0L, null, ByteBuffer.allocate(bytes).array()));
        ProduceResponseData response = client.produce(WITH_TOPIC_NAMES, topic, 0, records);
        assertThat(response.responses()
                        .iterator()
                        .next()
                        .partitionResponses()
                        .get(0)
                        .errorCode())
                .isZero();
    }
}
