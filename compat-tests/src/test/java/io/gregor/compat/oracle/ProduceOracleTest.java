package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.Canonical;
import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.RawClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Crc32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same batches, good and bad, to Apache Kafka and to Gregor, in every version of Produce. */
@Tag("once")
class ProduceOracleTest {
    private static final List<Integer> SEEDS = Seeds.of("oracle.seeds", 20, 40);
    private static final List<NewTopic> TOPICS = List.of(
            new NewTopic("plain", 1, (short) 1),
            new NewTopic("compacted", 1, (short) 1).configs(Map.of("cleanup.policy", "compact")),
            new NewTopic("small", 1, (short) 1).configs(Map.of("max.message.bytes", "500")),
            new NewTopic("recent", 1, (short) 1).configs(Map.of("message.timestamp.before.max.ms", "100000")));

    private record Side(int port, Map<String, Uuid> ids) {
        static Side of(String address, int port) throws Exception {
            Map<String, Uuid> ids = new HashMap<>();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
                CreateTopicsResult created = admin.createTopics(TOPICS);
                created.all().get();
                for (NewTopic topic : TOPICS) {
                    ids.put(topic.name(), created.topicId(topic.name()).get());
                }
            }
            ids.put("unknown", new Uuid(7, 7));
            return new Side(port, ids);
        }

        String answer(long seed, short version) throws Exception {
            Random random = new Random(seed);
            String topic = List.of("plain", "plain", "compacted", "small", "recent", "unknown")
                    .get(random.nextInt(6));
            ProduceRequestData request = request(random, topic, version);
            try (RawClient client = new RawClient(port)) {
                String answer = Canonical.text(client.call(ApiKeys.PRODUCE, version, request));
                // The two clocks differ by the time between the two requests.
                return topic + " " + answer.replaceAll("should be within \\[.*?]", "");
            } catch (IOException e) {
                return "the connection was closed";
            }
        }

        private ProduceRequestData request(Random random, String topic, short version) {
            ProduceRequestData.TopicProduceDataCollection topics = new ProduceRequestData.TopicProduceDataCollection();
            topics.add(new TopicProduceData()
                    .setName(version < 13 ? topic : "")
                    .setTopicId(version < 13 ? Uuid.ZERO_UUID : ids.get(topic))
                    .setPartitionData(List.of(new PartitionProduceData()
                            .setIndex(random.nextInt(10) == 0 ? 3 : 0)
                            .setRecords(MemoryRecords.readableRecords(records(random))))));
            short acks = random.nextInt(12) == 0 ? (short) 2 : (short) (random.nextBoolean() ? 1 : -1);
            return new ProduceRequestData().setAcks(acks).setTimeoutMs(30_000).setTopicData(topics);
        }
    }

    private static ByteBuffer records(Random random) {
        ByteBuffer batch = batch(random);
        switch (random.nextInt(22)) {
            case 0 -> batch.put(batch.limit() - 1, (byte) (batch.get(batch.limit() - 1) + 1));
            case 1 -> seal(batch.putInt(57, batch.getInt(57) + 1));
            case 2 -> seal(batch.putInt(57, batch.getInt(57) + 1).putInt(23, batch.getInt(23) + 1));
            case 3 -> seal(batch.putInt(57, 0));
            case 4 -> seal(batch.putInt(23, batch.getInt(23) - 1));
            case 5 -> seal(batch.putShort(21, (short) (batch.getShort(21) | 0x20)));
            case 6 -> batch.putLong(0, 17);
            case 7 -> batch.put(16, (byte) random.nextInt(2));
            case 8 -> batch.putInt(12, random.nextInt());
            case 9 -> seal(batch.putLong(35, random.nextLong()));
            case 12 -> seal(batch.putInt(53, -1));
            case 10 -> seal(batch.putShort(21, (short) (batch.getShort(21) | 0x08)));
            case 11 -> {
                ByteBuffer twice = ByteBuffer.allocate(batch.limit() * 2)
                        .put(batch.duplicate())
                        .put(batch.duplicate());
                return twice.flip();
            }
            case 13 -> batch.put(16, (byte) random.nextInt());
            case 14 -> batch.putInt(8, batch.getInt(8) + random.nextInt(-80, 20));
            case 15, 16 -> {
                return followed(batch, random);
            }
            case 17 ->
                seal(batch.putLong(43, -1 - random.nextInt(3))
                        .putShort(51, (short) random.nextInt(-1, 2))
                        .putInt(53, random.nextInt(-1, 9)));
            default -> {
                // As it should be.
            }
        }
        return batch;
    }

    /** More bytes behind the batch: zeros, ones, or the beginning of another, damaged or not. */
    private static ByteBuffer followed(ByteBuffer batch, Random random) {
        byte[] tail = new byte[random.nextInt(100)];
        int kind = random.nextInt(4);
        Arrays.fill(tail, (byte) (kind == 0 ? 0 : -1));
        if (kind > 1) {
            batch.get(0, tail, 0, Math.min(tail.length, batch.limit()));
        }
        if (kind > 2 && tail.length > 0) {
            tail[random.nextInt(tail.length)] = (byte) random.nextInt();
        }
        return ByteBuffer.allocate(batch.limit() + tail.length)
                .put(batch.duplicate())
                .put(tail)
                .flip();
    }

    private static ByteBuffer batch(Random random) {
        CompressionType type = CompressionType.values()[random.nextInt(CompressionType.values().length)];
        boolean idempotent = random.nextInt(4) == 0;
        MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(1 << 16),
                (byte) 2,
                Compression.of(type).build(),
                TimestampType.CREATE_TIME,
                0,
                -1,
                idempotent ? 1_000_000 + random.nextInt(3) : -1,
                idempotent ? (short) random.nextInt(2) : -1,
                idempotent ? random.nextInt(4) : -1,
                false,
                -1);
        for (int i = random.nextInt(5); i >= 0; i--) {
            byte[] key = random.nextInt(6) == 0 ? null : ("key" + i).getBytes(StandardCharsets.UTF_8);
            long timestamp =
                    random.nextInt(8) == 0 ? Long.MAX_VALUE / 2 : random.nextInt(8) == 0 ? 5 : 1_795_000_000_000L;
            builder.append(
                    new SimpleRecord(timestamp, key, new byte[random.nextInt(random.nextInt(10) == 0 ? 900 : 60)]));
        }
        return builder.build().buffer();
    }

    private static void seal(ByteBuffer batch) {
        batch.putInt(17, (int) Crc32C.compute(batch, 21, batch.limit() - 21));
    }

    @Test
    void batchesAreTakenAndRefusedAsByApacheKafka(@TempDir Path folder) throws Exception {
        Map<String, String> differences = new TreeMap<>();
        try (KafkaProcess kafka = KafkaProcess.start(folder);
                GregorProcess gregor = GregorProcess.start(folder, "auto.create.topics.enable=false")) {
            Side theirs = Side.of(kafka.address(), kafka.port());
            Side ours = Side.of(gregor.address(), gregor.port());
            for (int seed : SEEDS) {
                short version = (short) (3 + seed % 11);
                long asked = seed;
                Answers answers = Answers.of(() -> theirs.answer(asked, version), () -> ours.answer(asked, version));
                if (!answers.areEqual()) {
                    differences.putIfAbsent(
                            answers.ours().replaceAll("\\d{2,}", "#"),
                            "version " + version + " seed " + seed + "\n  Kafka:  " + answers.theirs() + "\n  Gregor: "
                                    + answers.ours() + "\n");
                }
            }
        }
        assertThat(differences).isEmpty();
    }
}
