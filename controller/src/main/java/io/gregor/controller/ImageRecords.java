package io.gregor.controller;

import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.FeatureLevelRecord;
import io.gregor.wire.message.ProducerIdsRecord;
import io.gregor.wire.message.TopicRecord;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * An image as the records that make it, for a snapshot: what one may lose, the others do not say again. Pure. Records
 * are encoded one after the other, as they are taken.
 */
public final class ImageRecords {
    private static final int NO_BROKER = -1;

    private ImageRecords() {}

    /** Encoded, in an order in which they can be applied; a reader needs to know the metadata version first. */
    public static Stream<ByteBuffer> of(MetadataImage image) {
        return Stream.of(
                        features(image),
                        image.unsupported().values().stream(),
                        image.topicsById().values().stream().flatMap(ImageRecords::topic),
                        configs(image),
                        image.scram().values().stream()
                                .flatMap(user -> user.values().stream())
                                .map(MetadataRecords::encode),
                        image.quotas().records().stream().map(MetadataRecords::encode),
                        image.acls().values().stream().map(MetadataRecords::encode),
                        producerIds(image))
                // A flatMap would collect all that one of these yields before the first is taken.
                .reduce(Stream.empty(), Stream::concat);
    }

    private static Stream<ByteBuffer> features(MetadataImage image) {
        return image.features().entrySet().stream()
                .sorted(Comparator.comparing(feature -> !feature.getKey().equals(SupportedFeature.METADATA_VERSION)))
                .map(feature -> MetadataRecords.encode(
                        new FeatureLevelRecord().name(feature.getKey()).featureLevel(feature.getValue())));
    }

    private static Stream<ByteBuffer> topic(TopicImage topic) {
        ByteBuffer record =
                MetadataRecords.encode(new TopicRecord().name(topic.name()).topicId(topic.id()));
        return Stream.concat(
                Stream.of(record),
                topic.partitions().stream().map(partition -> MetadataRecords.encode(partition.record(topic.id()))));
    }

    private static Stream<ByteBuffer> configs(MetadataImage image) {
        return image.configs().entrySet().stream()
                .flatMap(configured -> configured.getValue().entrySet().stream()
                        .map(config -> MetadataRecords.encode(new ConfigRecord()
                                .resourceType(configured.getKey().type())
                                .resourceName(configured.getKey().name())
                                .name(config.getKey())
                                .value(config.getValue()))));
    }

    private static Stream<ByteBuffer> producerIds(MetadataImage image) {
        return image.nextProducerId() > 0
                ? Stream.of(MetadataRecords.encode(
                        new ProducerIdsRecord().brokerId(NO_BROKER).nextProducerId(image.nextProducerId())))
                : Stream.of();
    }
}
