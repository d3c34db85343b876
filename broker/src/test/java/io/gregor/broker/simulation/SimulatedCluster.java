package io.gregor.broker.simulation;

import io.gregor.broker.cluster.Controller;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.SupportedFeature;
import io.gregor.controller.TopicNames;
import io.gregor.controller.operation.AllocateProducerIds;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.AllocateProducerIdsResponse;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.FeatureLevelRecord;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.TopicRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What outlives the node of a simulation, as its metadata would: the topics, the configuration, and which producer ids
 * were given out. Confined to one thread.
 */
final class SimulatedCluster implements Controller {
    static final List<TopicPartition> DATA =
            List.of(new TopicPartition("data", 0), new TopicPartition("data", 1), new TopicPartition("data", 2));

    /** That of all groups. */
    static final TopicPartition OFFSETS = new TopicPartition(TopicNames.OFFSETS, 0);

    private static final byte TOPIC = 2;
    private static final int SEGMENT_BYTES = 3000;

    /** In which partitions nothing is acknowledged before it is on the disk. */
    enum Flushed {
        NONE,
        TRANSACTIONS,
        ALL
    }

    private final BrokerConfig config;
    private final MetadataImage image;
    private long nextProducerId = 1000;

    /**
     * @param flushed where {@code flush.messages} is 1
     * @param transactionVersion the level of {@code transaction.version}
     */
    SimulatedCluster(Flushed flushed, int transactionVersion) {
        config = BrokerConfig.of(flushed == Flushed.ALL ? Map.of("log.flush.interval.messages", "1") : Map.of());
        List<Message> records = new ArrayList<>();
        records.add(new FeatureLevelRecord()
                .name(SupportedFeature.TRANSACTION_VERSION)
                .featureLevel((short) transactionVersion));
        addTopic(records, "data", 1, DATA.size());
        addTopic(records, TopicNames.TRANSACTIONS, 2, 2);
        addTopic(records, TopicNames.OFFSETS, 3, 1);
        if (flushed == Flushed.TRANSACTIONS) {
            configure(records, TopicNames.TRANSACTIONS, "flush.messages", 1);
        }
        image = ImageChange.apply(MetadataImage.EMPTY, records);
    }

    private static void addTopic(List<Message> records, String name, int id, int partitions) {
        Uuid topicId = new Uuid(id, id);
        records.add(new TopicRecord().name(name).topicId(topicId));
        for (int i = 0; i < partitions; i++) {
            records.add(new PartitionRecord()
                    .topicId(topicId)
                    .partitionId(i)
                    .replicas(List.of(1))
                    .isr(List.of(1))
                    .leader(1));
        }
        configure(records, name, "internal.segment.bytes", SEGMENT_BYTES);
    }

    private static void configure(List<Message> records, String topic, String key, int value) {
        records.add(new ConfigRecord()
                .resourceType(TOPIC)
                .resourceName(topic)
                .name(key)
                .value(String.valueOf(value)));
    }

    MetadataImage image() {
        return image;
    }

    BrokerConfig config() {
        return config;
    }

    /** Producer ids are all that a coordinator asks for. */
    @Override
    @SuppressWarnings("unchecked") // The response of that kind of request.
    public <R extends Message> CompletionStage<R> submit(Message request, ControllerContext context) {
        long first = nextProducerId;
        nextProducerId += AllocateProducerIds.BLOCK;
        return CompletableFuture.completedFuture(
                (R) new AllocateProducerIdsResponse().producerIdStart(first).producerIdLen(AllocateProducerIds.BLOCK));
    }
}
