package io.gregor.broker.seed;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.seed.Seed.Message;
import io.gregor.controller.TopicImage;
import io.gregor.wire.Part;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.ProduceRequest.PartitionProduceData;
import io.gregor.wire.message.ProduceRequest.TopicProduceData;
import io.gregor.wire.message.ProduceResponse;
import io.gregor.wire.message.ProduceResponse.PartitionProduceResponse;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Partitioner;
import io.gregor.wire.record.Record;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Appends the records of one seed. Confined to the thread that starts the broker. Where they are to be appended once, a
 * partition that has ever had a record gets none: so a partition gets its records once, whatever ends a start, unless
 * they fill more than one batch, of which the later ones may then be missing.
 */
final class SeedRecords {
    private static final int PRODUCE = 12;
    private static final int TIMEOUT_MS = 60_000;
    private static final int BATCH_BYTES = 512 * 1024;

    /** Where a record goes. */
    private record Place(String topic, int partition) {}

    private final OwnRequests broker;
    private final ClusterMetadata metadata;
    private final InstantSource clock;
    private final Seed seed;

    SeedRecords(OwnRequests broker, ClusterMetadata metadata, InstantSource clock, Seed seed) {
        this.broker = broker;
        this.metadata = metadata;
        this.clock = clock;
        this.seed = seed;
    }

    /** @return how many */
    int append() throws IOException, InterruptedException {
        int count = 0;
        for (Map.Entry<Place, List<Message>> entry : byPlace().entrySet()) {
            List<Message> messages = entry.getValue();
            if (seed.eachStart()
                    || hasNeverHadOne(entry.getKey(), messages.get(0).at())) {
                append(entry.getKey(), messages);
                count += messages.size();
            }
        }
        return count;
    }

    private boolean hasNeverHadOne(Place place, YamlNode at) throws IOException, InterruptedException {
        return new SeedOffsets(broker, metadata, true).endOf(at, place.topic(), place.partition()) == 0;
    }

    /** The partition is the same each time: by the key, or one after the other in the order of the file. */
    private Map<Place, List<Message>> byPlace() {
        Map<Place, List<Message>> places = new LinkedHashMap<>();
        Map<String, Integer> next = new HashMap<>();
        for (Message message : seed.records()) {
            TopicImage topic = Objects.requireNonNull(metadata.image().topic(message.topic()));
            int partitions = topic.partitions().size();
            int partition = message.partition();
            ByteBuffer key = message.record().key();
            if (partition == Seed.ANY && key != null) {
                partition = Partitioner.partition(key, partitions);
            } else if (partition == Seed.ANY) {
                partition = (next.merge(message.topic(), 1, Integer::sum) - 1) % partitions;
            }
            places.computeIfAbsent(new Place(message.topic(), partition), place -> new ArrayList<>())
                    .add(message);
        }
        return places;
    }

    private void append(Place place, List<Message> messages) throws IOException, InterruptedException {
        List<Message> batch = new ArrayList<>();
        int bytes = 0;
        for (Message message : messages) {
            int more = SeedCheck.size(message.record());
            if (!batch.isEmpty() && bytes + more > BATCH_BYTES) {
                send(place, batch);
                batch.clear();
                bytes = 0;
            }
            batch.add(message);
            bytes += more;
        }
        send(place, batch);
    }

    private void send(Place place, List<Message> messages) throws IOException, InterruptedException {
        BatchBuilder batch = new BatchBuilder(Compression.NONE);
        long now = clock.millis();
        for (Message message : messages) {
            Record record = message.record();
            long time = record.timestampMs() < 0 ? now : record.timestampMs();
            batch.add(new Record(-1, time, record.key(), record.value(), record.headers()));
        }
        ProduceResponse response = broker.ask(
                ProduceResponse.class,
                ApiKey.PRODUCE,
                PRODUCE,
                new ProduceRequest()
                        .acks((short) -1)
                        .timeoutMs(TIMEOUT_MS)
                        .topicData(List.of(new TopicProduceData()
                                .name(place.topic())
                                .partitionData(List.of(new PartitionProduceData()
                                        .index(place.partition())
                                        .records(new Part.InMemory(batch.build())))))));
        PartitionProduceResponse result =
                response.responses().get(0).partitionResponses().get(0);
        SeedApplication.requireDone(messages.get(0).at(), result.errorCode(), result.errorMessage());
    }
}
