package io.gregor.broker.cluster;

import io.gregor.controller.ConfigResource;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicImage;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ClientQuotaRecord;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.FeatureLevelRecord;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.RemoveTopicRecord;
import io.gregor.wire.message.RemoveUserScramCredentialRecord;
import io.gregor.wire.message.TopicRecord;
import io.gregor.wire.message.UserScramCredentialRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change of the metadata in sentences for the log: what an operator looks for. Values of brokers' configurations and
 * credentials are left out, since they may be secrets. At most {@value #LINES} sentences a change. Pure.
 */
final class MetadataChanges {
    private static final int LINES = 20;

    private final MetadataImage before;
    private final List<? extends Message> records;
    private final List<String> lines = new ArrayList<>();
    private int more;

    private MetadataChanges(MetadataImage before, List<? extends Message> records) {
        this.before = before;
        this.records = records;
    }

    /**
     * What the records change.
     *
     * @param before what they are applied to
     */
    static List<String> describe(MetadataImage before, List<? extends Message> records) {
        MetadataChanges changes = new MetadataChanges(before, records);
        changes.describe();
        return changes.lines;
    }

    private void describe() {
        describeTopics();
        describeConfigs();
        for (Message record : records) {
            String line = describe(record);
            if (line != null) {
                say(line);
            }
        }
        if (more > 0) {
            lines.add("and " + more + " more changes");
        }
    }

    private void say(String line) {
        if (lines.size() < LINES) {
            lines.add(line);
        } else {
            more++;
        }
    }

    private void describeTopics() {
        Map<Uuid, String> created = new LinkedHashMap<>();
        Map<Uuid, Integer> partitions = new LinkedHashMap<>();
        for (Message record : records) {
            if (record instanceof TopicRecord topic) {
                created.put(topic.topicId(), topic.name());
            } else if (record instanceof PartitionRecord partition) {
                partitions.merge(partition.topicId(), 1, Integer::sum);
            }
        }
        created.forEach((id, name) -> {
            int count = partitions.getOrDefault(id, 0);
            say("Created topic " + name + " with " + count + (count == 1 ? " partition" : " partitions") + ", id "
                    + id);
        });
        partitions.forEach((id, count) -> {
            TopicImage topic = before.topic(id);
            if (topic != null) {
                int had = topic.partitions().size();
                say("Topic " + topic.name() + " has " + (had + count) + " partitions now, " + had + " before");
            }
        });
    }

    private @Nullable String describe(Message record) {
        if (record instanceof RemoveTopicRecord removed) {
            TopicImage topic = before.topic(removed.topicId());
            return "Deleted topic " + (topic == null ? "" : topic.name() + ", id ") + removed.topicId();
        } else if (record instanceof ClientQuotaRecord quota) {
            List<String> entity = new ArrayList<>();
            quota.entity()
                    .forEach(part -> entity.add(
                            part.entityType() + " " + (part.entityName() == null ? "(default)" : part.entityName())));
            return "Quota of " + String.join(", ", entity) + ": " + quota.key()
                    + (quota.remove() ? " removed" : "=" + quota.value());
        } else if (record instanceof UserScramCredentialRecord credential) {
            return "Set a SCRAM credential of user " + credential.name();
        } else if (record instanceof RemoveUserScramCredentialRecord credential) {
            return "Deleted a SCRAM credential of user " + credential.name();
        } else if (record instanceof FeatureLevelRecord feature) {
            return "Feature " + feature.name() + " has level " + feature.featureLevel() + " now";
        }
        return null;
    }

    private void describeConfigs() {
        Map<ConfigResource, List<String>> changed = new LinkedHashMap<>();
        for (Message record : records) {
            if (record instanceof ConfigRecord config) {
                boolean mayBeSecret = config.resourceType() == ConfigResource.BROKER;
                String change = config.name()
                        + (config.value() == null ? " deleted" : mayBeSecret ? " set" : "=" + config.value());
                changed.computeIfAbsent(
                                new ConfigResource(config.resourceType(), config.resourceName()),
                                resource -> new ArrayList<>())
                        .add(change);
            }
        }
        changed.forEach(
                (resource, changes) -> say("Configuration of " + shown(resource) + ": " + String.join(", ", changes)));
    }

    private static String shown(ConfigResource resource) {
        String kind = switch (resource.type()) {
            case ConfigResource.TOPIC -> "topic ";
            case ConfigResource.BROKER -> "broker ";
            case ConfigResource.CLIENT_METRICS -> "client metrics ";
            case ConfigResource.GROUP -> "group ";
            default -> "resource of type " + resource.type() + " ";
        };
        return kind + (resource.name().isEmpty() ? "(default)" : resource.name());
    }
}
