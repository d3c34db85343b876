package io.gregor.controller;

import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.AbortTransactionRecord;
import io.gregor.wire.message.AccessControlEntryRecord;
import io.gregor.wire.message.BeginTransactionRecord;
import io.gregor.wire.message.ClientQuotaRecord;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.EndTransactionRecord;
import io.gregor.wire.message.FeatureLevelRecord;
import io.gregor.wire.message.PartitionChangeRecord;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.ProducerIdsRecord;
import io.gregor.wire.message.RemoveAccessControlEntryRecord;
import io.gregor.wire.message.RemoveTopicRecord;
import io.gregor.wire.message.RemoveUserScramCredentialRecord;
import io.gregor.wire.message.TopicRecord;
import io.gregor.wire.message.UnregisterBrokerRecord;
import io.gregor.wire.message.UserScramCredentialRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
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
    /** Topics of which partitions changed; their images are older. */
    private final Map<Uuid, List<PartitionImage>> partitions = new HashMap<>();

    private final NestedMap<ConfigResource, String, String> configs;
    private final Map<String, Short> features;
    private final Map<List<Object>, ByteBuffer> unsupported;
    private final NestedMap<QuotaEntity, String, Double> quotas;
    private final NestedMap<String, Byte, UserScramCredentialRecord> scram;
    private long nextProducerId;
    private Map<Uuid, AccessControlEntryRecord> acls;
    /** Whether the map of ACLs is a copy, and may be written. */
    private boolean aclsCopied;

    private @Nullable ImageChange beforeTransaction;

    public ImageChange(MetadataImage before) {
        topicsByName = new HashMap<>(before.topicsByName());
        topicsById = new HashMap<>(before.topicsById());
        configs = new NestedMap<>(before.configs());
        features = new HashMap<>(before.features());
        quotas = new NestedMap<>(before.quotas().all());
        scram = new NestedMap<>(before.scram());
        nextProducerId = before.nextProducerId();
        acls = before.acls();
        unsupported = new HashMap<>(before.unsupported());
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
        UnsupportedRecords.apply(record, stored, unsupported);
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
            apply(quota);
        } else if (record instanceof UserScramCredentialRecord credential) {
            scram.put(credential.name(), credential.mechanism(), credential);
        } else if (record instanceof RemoveUserScramCredentialRecord credential) {
            scram.remove(credential.name(), credential.mechanism());
        } else if (record instanceof AccessControlEntryRecord acl) {
            writableAcls().put(acl.id(), acl);
        } else if (record instanceof RemoveAccessControlEntryRecord acl) {
            writableAcls().remove(acl.id());
        } else if (record instanceof UnregisterBrokerRecord broker) {
            unsupported.remove(UnsupportedRecords.registration(broker.brokerId()));
        } else if (record instanceof BeginTransactionRecord) {
            beforeTransaction = new ImageChange(image());
        } else if (record instanceof EndTransactionRecord) {
            beforeTransaction = null;
        } else if (record instanceof AbortTransactionRecord) {
            restore(Objects.requireNonNull(beforeTransaction, "no transaction of metadata has begun"));
        }
    }

    private Map<Uuid, AccessControlEntryRecord> writableAcls() {
        if (!aclsCopied) {
            acls = new HashMap<>(acls);
            aclsCopied = true;
        }
        return acls;
    }

    private void restore(ImageChange begun) {
        MetadataImage image = begun.image();
        topicsByName.clear();
        topicsByName.putAll(image.topicsByName());
        topicsById.clear();
        topicsById.putAll(image.topicsById());
        partitions.clear();
        configs.replaceAll(image.configs());
        features.clear();
        features.putAll(image.features());
        quotas.replaceAll(image.quotas().all());
        scram.replaceAll(image.scram());
        nextProducerId = image.nextProducerId();
        acls = image.acls();
        aclsCopied = false;
        unsupported.clear();
        unsupported.putAll(image.unsupported());
        beforeTransaction = null;
    }

    /** Only what is named changes; a leader that is named begins an epoch, even if it is the same. */
    private void apply(PartitionChangeRecord change) {
        List<PartitionImage> all =
                topicsById.containsKey(change.topicId()) ? partitionsOf(change.topicId()) : List.of();
        if (change.partitionId() < 0 || change.partitionId() >= all.size()) {
            throw new IllegalStateException(
                    "a change of the unknown partition " + change.topicId() + "-" + change.partitionId());
        }
        PartitionImage partition = all.get(change.partitionId());
        boolean elected = change.leader() != NO_LEADER_CHANGE;
        all.set(
                partition.index(),
                new PartitionImage(
                        partition.index(),
                        List.copyOf(Objects.requireNonNullElse(change.replicas(), partition.replicas())),
                        List.copyOf(Objects.requireNonNullElse(change.isr(), partition.isr())),
                        elected ? change.leader() : partition.leader(),
                        partition.leaderEpoch() + (elected ? 1 : 0),
                        partition.partitionEpoch() + 1,
                        List.copyOf(Objects.requireNonNullElse(change.directories(), partition.directories()))));
    }

    private void put(TopicImage topic) {
        topicsByName.put(topic.name(), topic);
        topicsById.put(topic.id(), topic);
        partitions.remove(topic.id());
    }

    /** Of a topic that is known, to be written. */
    private List<PartitionImage> partitionsOf(Uuid topicId) {
        return partitions.computeIfAbsent(
                topicId,
                id -> new ArrayList<>(Objects.requireNonNull(topicsById.get(id)).partitions()));
    }

    private void apply(PartitionRecord record) {
        if (!topicsById.containsKey(record.topicId())) {
            throw new IllegalStateException("a partition of the unknown topic " + record.topicId());
        }
        List<PartitionImage> all = partitionsOf(record.topicId());
        PartitionImage partition = new PartitionImage(
                record.partitionId(),
                List.copyOf(record.replicas()),
                List.copyOf(record.isr()),
                record.leader(),
                record.leaderEpoch(),
                record.partitionEpoch(),
                List.copyOf(record.directories()));
        if (partition.index() < 0 || partition.index() > all.size()) {
            throw new IllegalStateException(
                    "partition " + partition.index() + " of the topic " + record.topicId() + " leaves a gap");
        }
        if (partition.index() < all.size()) {
            all.set(partition.index(), partition);
        } else {
            all.add(partition);
        }
    }

    private void remove(Uuid id) {
        TopicImage topic = topicsById.remove(id);
        partitions.remove(id);
        if (topic != null && owns(topic)) {
            topicsByName.remove(topic.name());
            configs.removeAll(ConfigResource.topic(topic.name()));
        }
    }

    /** Whether its name stands for this topic: an old log may have several topics of one name, the last has it. */
    private boolean owns(TopicImage topic) {
        TopicImage owner = topicsByName.get(topic.name());
        return owner != null && owner.id().equals(topic.id());
    }

    private void apply(ConfigRecord record) {
        ConfigResource resource = new ConfigResource(record.resourceType(), record.resourceName());
        String value = record.value();
        if (value == null) {
            configs.remove(resource, record.name());
        } else {
            configs.put(resource, record.name(), value);
        }
    }

    private void apply(ClientQuotaRecord record) {
        QuotaEntity entity = QuotaEntity.of(record);
        if (record.remove()) {
            quotas.remove(entity, record.key());
        } else {
            quotas.put(entity, record.key(), record.value());
        }
    }

    private void apply(FeatureLevelRecord record) {
        if (record.featureLevel() == 0) {
            features.remove(record.name());
        } else {
            features.put(record.name(), record.featureLevel());
        }
    }

    /** The image after all that was applied. Nothing may be applied afterwards: it shares this object's maps. */
    public MetadataImage image() {
        partitions.forEach((id, all) -> {
            TopicImage topic = Objects.requireNonNull(topicsById.get(id));
            TopicImage changed = new TopicImage(topic.name(), id, List.copyOf(all));
            if (owns(topic)) {
                topicsByName.put(topic.name(), changed);
            }
            topicsById.put(id, changed);
        });
        partitions.clear();
        return new MetadataImage(
                Collections.unmodifiableMap(topicsByName),
                Collections.unmodifiableMap(topicsById),
                configs.freeze(),
                Collections.unmodifiableMap(features),
                new ClientQuotas(quotas.freeze()),
                scram.freeze(),
                nextProducerId,
                aclsCopied ? Collections.unmodifiableMap(acls) : acls,
                Collections.unmodifiableMap(unsupported));
    }
}
