package io.gregor.controller;

import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.AbortTransactionRecord;
import io.gregor.wire.message.BeginTransactionRecord;
import io.gregor.wire.message.ClientQuotaRecord;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.FeatureLevelRecord;
import io.gregor.wire.message.PartitionChangeRecord;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.ProducerIdsRecord;
import io.gregor.wire.message.RemoveTopicRecord;
import io.gregor.wire.message.RemoveUserScramCredentialRecord;
import io.gregor.wire.message.TopicRecord;
import io.gregor.wire.message.UnregisterBrokerRecord;
import io.gregor.wire.message.UserScramCredentialRecord;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Applies records to a copy of an image. The only way in which metadata changes, when it is loaded as when it runs.
 * Confined to one thread, used once.
 */
public final class ImageChange {
    /** In a change of a partition: whoever leads it goes on. */
    private static final int NO_LEADER_CHANGE = -2;

    private final Map<String, TopicImage> topicsByName;
    private final Map<Uuid, TopicImage> topicsById;
    private final Map<ConfigResource, Map<String, String>> configs;
    private final Map<String, Short> features;
    private final Map<List<Object>, ByteBuffer> kept;
    private ClientQuotas quotas;
    private final Map<String, Map<Byte, UserScramCredentialRecord>> scram;
    private long nextProducerId;
    private @Nullable MetadataImage beforeTransaction;

    public ImageChange(MetadataImage before) {
        topicsByName = new HashMap<>(before.topicsByName());
        topicsById = new HashMap<>(before.topicsById());
        configs = new HashMap<>(before.configs());
        features = new HashMap<>(before.features());
        quotas = before.quotas();
        scram = new HashMap<>(before.scram());
        nextProducerId = before.nextProducerId();
        kept = new HashMap<>(before.kept());
    }

    public static MetadataImage apply(MetadataImage before, List<? extends Message> records) {
        ImageChange change = new ImageChange(before);
        records.forEach(change::apply);
        return change.image();
    }

    /** As above, records as they are stored. */
    public static MetadataImage applyStored(MetadataImage before, List<ByteBuffer> records) {
        ImageChange change = new ImageChange(before);
        records.forEach(change::applyStored);
        return change.image();
    }

    /** Applies what a record of the log or of a snapshot says. */
    public void applyStored(ByteBuffer stored) {
        Message record = MetadataRecords.decode(stored);
        apply(record);
        KeptRecords.apply(record, stored, kept);
    }

    private void apply(Message record) {
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
        } else if (record instanceof PartitionChangeRecord change) {
            apply(change);
        } else if (record instanceof ClientQuotaRecord quota) {
            quotas = quotas.with(quota);
        } else if (record instanceof UserScramCredentialRecord credential) {
            Map<Byte, UserScramCredentialRecord> own = new HashMap<>(scram.getOrDefault(credential.name(), Map.of()));
            own.put(credential.mechanism(), credential);
            scram.put(credential.name(), Map.copyOf(own));
        } else if (record instanceof RemoveUserScramCredentialRecord credential) {
            Map<Byte, UserScramCredentialRecord> own = new HashMap<>(scram.getOrDefault(credential.name(), Map.of()));
            own.remove(credential.mechanism());
            scram.put(credential.name(), Map.copyOf(own));
            scram.values().removeIf(Map::isEmpty);
        } else if (record instanceof UnregisterBrokerRecord broker) {
            kept.remove(KeptRecords.registration(broker.brokerId()));
        } else if (record instanceof BeginTransactionRecord) {
            beforeTransaction = copy();
        } else if (record instanceof AbortTransactionRecord) {
            restore(Objects.requireNonNull(beforeTransaction, "no transaction of metadata has begun"));
        }
    }

    private MetadataImage copy() {
        return new MetadataImage(
                Map.copyOf(topicsByName),
                Map.copyOf(topicsById),
                Map.copyOf(configs),
                Map.copyOf(features),
                quotas,
                Map.copyOf(scram),
                nextProducerId,
                Map.copyOf(kept));
    }

    private void restore(MetadataImage image) {
        topicsByName.clear();
        topicsByName.putAll(image.topicsByName());
        topicsById.clear();
        topicsById.putAll(image.topicsById());
        configs.clear();
        configs.putAll(image.configs());
        features.clear();
        features.putAll(image.features());
        quotas = image.quotas();
        scram.clear();
        scram.putAll(image.scram());
        nextProducerId = image.nextProducerId();
        kept.clear();
        kept.putAll(image.kept());
    }

    /** Only what is named changes; a leader that is named begins an epoch, even if it is the same. */
    private void apply(PartitionChangeRecord change) {
        TopicImage topic = topicsById.get(change.topicId());
        PartitionImage partition = topic == null ? null : topic.partition(change.partitionId());
        if (topic == null || partition == null) {
            throw new IllegalStateException(
                    "a change of the unknown partition " + change.topicId() + "-" + change.partitionId());
        }
        boolean elected = change.leader() != NO_LEADER_CHANGE;
        put(topic.with(new PartitionImage(
                partition.index(),
                List.copyOf(Objects.requireNonNullElse(change.replicas(), partition.replicas())),
                List.copyOf(Objects.requireNonNullElse(change.isr(), partition.isr())),
                elected ? change.leader() : partition.leader(),
                partition.leaderEpoch() + (elected ? 1 : 0),
                partition.partitionEpoch() + 1,
                List.copyOf(Objects.requireNonNullElse(change.directories(), partition.directories())))));
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
                record.partitionEpoch(),
                List.copyOf(record.directories()))));
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
        return new MetadataImage(topicsByName, topicsById, configs, features, quotas, scram, nextProducerId, kept);
    }
}
