package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that wants no answers sends, and closes its connection at once: what was sent before is stored. */
@Tag("once")
class SentBeforeTheEndTest {
    private static final int CLIENTS = 20;
    private static final int REQUESTS = 2000;
    private static final TopicPartition PARTITION = new TopicPartition("last", 0);

    @TempDir
    private Path folder;

    @Test
    void asInApacheKafka() throws Exception {
        try (KafkaProcess kafka = KafkaProcess.start(folder)) {
            assertThat(stored(kafka.address(), kafka.port())).isEqualTo(CLIENTS * REQUESTS);
        }
        try (GregorProcess gregor = GregorProcess.start(folder)) {
            assertThat(stored(gregor.address(), gregor.port())).isEqualTo(CLIENTS * REQUESTS);
        }
    }

    /** How many records there are at last; less than all if it stays so. */
    private static long stored(String address, int port) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic(PARTITION.topic(), 1, (short) 1)))
                    .all()
                    .get();
            byte[] all = requests();
            for (int i = 0; i < CLIENTS; i++) {
                sendAndClose(port, all);
            }
            List<Long> ends = new ArrayList<>();
            Awaitility.await().pollInterval(Duration.ofMillis(200)).until(() -> {
                ends.add(admin.listOffsets(Map.of(PARTITION, OffsetSpec.latest()))
                        .partitionResult(PARTITION)
                        .get()
                        .offset());
                int last = ends.size() - 1;
                return ends.get(last) == CLIENTS * REQUESTS
                        || last > 10 && ends.get(last).equals(ends.get(last - 10));
            });
            return ends.get(ends.size() - 1);
        }
    }

    private static void sendAndClose(int port, byte[] all) throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send(all);
        }
    }

    private static byte[] requests() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < REQUESTS; i++) {
            MemoryRecords records = MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[100]));
            TopicProduceData topic = new TopicProduceData()
                    .setName(PARTITION.topic())
                    .setPartitionData(
                            List.of(new PartitionProduceData().setIndex(0).setRecords(records)));
            ProduceRequestData request = new ProduceRequestData()
                    .setAcks((short) 0)
                    .setTopicData(new TopicProduceDataCollection(List.of(topic).iterator()));
            all.write(RawClient.frame(ApiKeys.PRODUCE, (short) 9, request, "last"));
        }
        return all.toByteArray();
    }
}
