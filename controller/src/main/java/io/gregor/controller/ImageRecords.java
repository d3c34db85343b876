package io.gregor.controller;

import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.FeatureLevelRecord;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.ProducerIdsRecord;
import io.gregor.wire.message.TopicRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** An image as the records that make it, for a snapshot: what one may lose, the others do not say again. Pure. */
public final class ImageRecords {
    private static final int NO_BROKER = -1;

    private ImageRecords() {}

    /** Encoded, in an order in which they can be applied; a reader needs to know the metadata version first. */
    public static List<ByteBuffer> of(MetadataImage image) {
        List<ByteBuffer> records = new ArrayList<>();
        Short version = image.features().get(SupportedFeature.METADATA_VERSION);
        if (version != null) {
            records.add(feature(SupportedFeature.METADATA_VERSION, version));
        }
        image.features().forEach((name, level) -> {
            if (!name.equals(SupportedFeature.METADATA_VERSION)) {
                records.add(feature(name, level));
            }
        });
        records.addAll(image.unsupported().values());
        image.topicsById().values().forEach(topic -> addTopic(topic, records));
        image.configs()
                .forEach((resource, values) ->
                        values.forEach((key, value) -> records.add(MetadataRecords.encode(new ConfigRecord()
                                .resourceType(resource.type())
                                .resourceName(resource.name())
                                .name(key)
                                .value(value)))));
        image.scram()
                .values()
                .forEach(user -> user.values().forEach(record -> records.add(MetadataRecords.encode(record))));
        image.quotas().records().forEach(record -> records.add(MetadataRecords.encode(record)));
        if (image.nextProducerId() > 0) {
            records.add(MetadataRecords.encode(
                    new ProducerIdsRecord().brokerId(NO_BROKER).nextProducerId(image.nextProducerId())));
        }
        return records;
    }

    private static ByteBuffer feature(String name, short level) {
        return MetadataRecords.encode(new FeatureLevelRecord().name(name).featureLevel(level));
    }

    private static void addTopic(TopicImage topic, List<ByteBuffer> records) {
        records.add(MetadataRecords.encode(new TopicRecord().name(topic.name()).topicId(topic.id())));
        for (PartitionImage partition : topic.partitions()) {
            records.add(MetadataRecords.encode(new PartitionRecord()
                    .topicId(topic.id())
                    .partitionId(partition.index())
                    .replicas(partition.replicas())
                    .isr(partition.isr())
                    .leader(partition.leader())
                    .leaderEpoch(partition.leaderEpoch())
                    .partitionEpoch(partition.partitionEpoch())
                    .directories(partition.directories())));
        }
    }
}
