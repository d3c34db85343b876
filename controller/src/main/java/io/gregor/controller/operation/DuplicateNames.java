package io.gregor.controller.operation;

import io.gregor.controller.ConfigResource;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.PartitionImage;
import io.gregor.controller.TopicImage;
import io.gregor.wire.Message;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.TopicRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * Renames each topic whose name a later topic has, too, or had. An older broker that failed in the middle of a creation
 * may have stored such topics. Pure; the same topic gets the same name each time.
 */
public final class DuplicateNames {
    private static final int LONGEST_NAME = 249;

    private DuplicateNames() {}

    /** The records to store; empty if every topic has a name of its own. */
    public static List<Message> decide(MetadataImage image) {
        List<Message> records = new ArrayList<>();
        for (TopicImage topic : image.topicsById().values()) {
            TopicImage owner = image.topic(topic.name());
            if (owner == null || !owner.id().equals(topic.id())) {
                rename(image, topic, records);
            }
        }
        return records;
    }

    private static void rename(MetadataImage image, TopicImage topic, List<Message> records) {
        String id = "-" + topic.id();
        String kept = topic.name().substring(0, Math.min(topic.name().length(), LONGEST_NAME - id.length()));
        String name = kept + id;
        records.add(new TopicRecord().name(name).topicId(topic.id()));
        for (PartitionImage partition : topic.partitions()) {
            records.add(partition.record(topic.id()));
        }
        image.configOf(ConfigResource.topic(topic.name()))
                .forEach((key, value) -> records.add(new ConfigRecord()
                        .resourceType(ConfigResource.TOPIC)
                        .resourceName(name)
                        .name(key)
                        .value(value)));
    }
}
