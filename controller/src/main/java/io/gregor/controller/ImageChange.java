package io.gregor.controller;

import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.FeatureLevelRecord;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.ProducerIdsRecord;
import io.gregor.wire.message.RemoveTopicRecord;
import io.gregor.wire.message.TopicRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Applies records to a copy of an image. The only way in which metadata changes, when it is loaded as when it runs.
 * Confined to one thread, used once.
 */
public final class ImageChange {
    private final Map<String, TopicImage> topicsByName;
    private final Map<Uuid, TopicImage> topicsById;
    private final Map<ConfigResource, Map<String, String>> configs;
    private final Map<String, Short> features;
    private long nextProducerId;

    public ImageChange(MetadataImage before) {
        topicsByName = new HashMap<>(before.topicsByName());
        topicsById = new HashMap<>(before.topicsById());
        configs = new HashMap<>(before.configs());
        features = new HashMap<>(before.features());
        nextProducerId = before.nextProducerId();
    }

    public static MetadataImage apply(MetadataImage before, List<? extends Message> records) {
        ImageChange change = new ImageChange(before);
        records.forEach(change::apply);
        return change.image();
    }

    /** @throws IllegalStateException if it is a record that this version knows nothing of */
    public void apply(Message record) {
        if (record instanceof TopicRecord topic) {
            put(new TopicImage(topic.name(), topic.topicId(), List.of()));
        } else if (record instanceof PartitionRecord partition) {
            apply(partition);
        } else if (record instanceof RemoveTopicRecord removed) {
            remove(removed.topicId());
        } else if (record instanceof ConfigRecord config) {
            apply(config);
        } else if (record instanceof FeatureLevelRecord feature) {
            apply(feature);
        } else if (record instanceof ProducerIdsRecord producerIds) {
            nextProducerId = producerIds.nextProducerId();
        } else {
            throw new IllegalStateException(
                    "no rule for the metadata record " + record.getClass().getSimpleName());
        }
    }

    private void put(TopicImage topic) {
        topicsByName.put(topic.name(), topic);
        topicsById.put(topic.id(), topic);
    }

    private void apply(PartitionRecord record) {
        TopicImage topic = topicsById.get(record.topicId());
        if (topic == null) {
            throw new IllegalStateException("a partition of the unknown topic " + record.topicId());
        }
        put(topic.with(new PartitionImage(
                record.partitionId(),
                List.copyOf(record.replicas()),
                List.copyOf(record.isr()),
                record.leader(),
                record.leaderEpoch(),
                record.partitionEpoch())));
    }

    private void remove(Uuid id) {
        TopicImage topic = topicsById.remove(id);
        if (topic != null) {
            topicsByName.remove(topic.name());
            configs.remove(ConfigResource.topic(topic.name()));
        }
    }

    private void apply(ConfigRecord record) {
        ConfigResource resource = new ConfigResource(record.resourceType(), record.resourceName());
        Map<String, String> values = new HashMap<>(configs.getOrDefault(resource, Map.of()));
        String value = record.value();
        if (value == null) {
            values.remove(record.name());
        } else {
            values.put(record.name(), value);
        }
        if (values.isEmpty()) {
            configs.remove(resource);
        } else {
            configs.put(resource, Map.copyOf(values));
        }
    }

    private void apply(FeatureLevelRecord record) {
        if (record.featureLevel() == 0) {
            features.remove(record.name());
        } else {
            features.put(record.name(), record.featureLevel());
        }
    }

    /** The image after all that was applied. */
    public MetadataImage image() {
        return new MetadataImage(topicsByName, topicsById, configs, features, nextProducerId);
    }
}
