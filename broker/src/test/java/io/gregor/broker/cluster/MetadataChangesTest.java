package io.gregor.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.controller.ConfigResource;
import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.RemoveTopicRecord;
import io.gregor.wire.message.TopicRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MetadataChangesTest {
    private static final Uuid ID = new Uuid(1, 2);

    private static PartitionRecord partition(int index) {
        return new PartitionRecord().topicId(ID).partitionId(index).leader(1);
    }

    private static ConfigRecord config(byte type, String resource, String name, @Nullable String value) {
        return new ConfigRecord()
                .resourceType(type)
                .resourceName(resource)
                .name(name)
                .value(value);
    }

    @Test
    void topicsAreCreatedGrowAndGo() {
        List<Message> created = List.of(
                new TopicRecord().name("orders").topicId(ID),
                partition(0),
                config(ConfigResource.TOPIC, "orders", "retention.ms", "1"),
                config(ConfigResource.TOPIC, "orders", "segment.ms", "2"));
        assertThat(MetadataChanges.describe(MetadataImage.EMPTY, created))
                .containsExactly(
                        "Created topic orders with 1 partition, id " + ID,
                        "Configuration of topic orders: retention.ms=1, segment.ms=2");
        MetadataImage image = ImageChange.apply(MetadataImage.EMPTY, created);
        assertThat(MetadataChanges.describe(image, List.of(partition(1), partition(2))))
                .containsExactly("Topic orders has 3 partitions now, 1 before");
        assertThat(MetadataChanges.describe(image, List.of(new RemoveTopicRecord().topicId(ID))))
                .containsExactly("Deleted topic orders, id " + ID);
    }

    @Test
    void whatMayBeASecretIsNotSaid() {
        assertThat(MetadataChanges.describe(
                        MetadataImage.EMPTY,
                        List.of(
                                config(ConfigResource.BROKER, "", "ssl.keystore.password", "s3cret"),
                                config(ConfigResource.BROKER, "", "log.retention.ms", null))))
                .containsExactly(
                        "Configuration of broker (default): ssl.keystore.password set, log.retention.ms deleted");
    }

    @Test
    void aLargeChangeIsSummedUp() {
        List<Message> many = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            many.add(new TopicRecord().name("topic-" + i).topicId(new Uuid(0, i)));
        }
        assertThat(MetadataChanges.describe(MetadataImage.EMPTY, many))
                .hasSize(21)
                .endsWith("and 980 more changes");
    }
}
