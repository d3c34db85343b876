package io.gregor.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.AbortTransactionRecord;
import io.gregor.wire.message.BeginTransactionRecord;
import io.gregor.wire.message.ClientQuotaRecord;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.EndTransactionRecord;
import io.gregor.wire.message.PartitionChangeRecord;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.RemoveTopicRecord;
import io.gregor.wire.message.TopicRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Records make one image out of another. */
class ImageChangeTest {
    private static final Uuid ID = new Uuid(1, 2);
    /** So many that copying all for each would take an hour. */
    private static final int MANY = 300_000;

    @Test
    void manyPartitionsOfOneTopicAreAppliedInOneStep() {
        List<Message> records = new ArrayList<>(List.of(topic("t", ID)));
        for (int i = 0; i < MANY; i++) {
            records.add(partition(ID, i));
        }
        MetadataImage image = ImageChange.apply(MetadataImage.EMPTY, records);
        assertThat(image.topic("t")).isSameAs(image.topic(ID));
        assertThat(partitionsOf(image, "t")).hasSize(MANY);
    }

    /** An older broker may have left them: the last one is meant by the name, whatever becomes of the others. */
    @Test
    void ofTopicsOfOneNameTheLastHasIt() {
        Uuid other = new Uuid(3, 4);
        List<Message> records = List.of(
                topic("t", ID), partition(ID, 0), topic("t", other), partition(other, 0), config("t", "a", "b"));
        MetadataImage both = ImageChange.apply(MetadataImage.EMPTY, records);
        assertThat(both.topic("t")).isSameAs(both.topic(other));
        MetadataImage changed = ImageChange.apply(both, List.of(partition(ID, 1)));
        assertThat(changed.topic("t")).isSameAs(changed.topic(other));
        MetadataImage without = ImageChange.apply(both, List.of(new RemoveTopicRecord().topicId(ID)));
        assertThat(without.topic("t")).isSameAs(without.topic(other));
        assertThat(without.configOf(ConfigResource.topic("t"))).containsEntry("a", "b");
        assertThat(without.topicsById()).containsOnlyKeys(other);
    }

    @Test
    void manyQuotasAreAppliedInOneStep() {
        List<Message> records = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            ClientQuotaRecord.EntityData client =
                    new ClientQuotaRecord.EntityData().entityType("client-id").entityName("c" + i);
            records.add(new ClientQuotaRecord()
                    .entity(List.of(client))
                    .key("producer_byte_rate")
                    .value(1));
        }
        assertThat(ImageChange.apply(MetadataImage.EMPTY, records).quotas().all())
                .hasSize(MANY);
    }

    @Test
    void manyConfigurationsOfOneResourceAreAppliedInOneStep() {
        List<Message> records = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            records.add(config("t", "key-" + i, "value"));
        }
        MetadataImage image = ImageChange.apply(MetadataImage.EMPTY, records);
        assertThat(image.configOf(ConfigResource.topic("t"))).hasSize(MANY);
    }

    @Test
    void whatDoesNotChangeIsSharedAndTheOldImageStays() {
        Uuid other = new Uuid(3, 4);
        MetadataImage before = ImageChange.apply(
                MetadataImage.EMPTY,
                List.of(
                        topic("a", ID),
                        partition(ID, 0),
                        topic("b", other),
                        partition(other, 0),
                        config("a", "k", "1")));
        PartitionChangeRecord elected =
                new PartitionChangeRecord().topicId(ID).partitionId(0).leader(7).isr(List.of(7));
        MetadataImage after = ImageChange.apply(before, List.of(elected, config("a", "k", "2")));
        assertThat(after.topic("b")).isSameAs(before.topic("b"));
        assertThat(partitionsOf(before, "a").get(0).leader()).isEqualTo(1);
        PartitionImage changed = partitionsOf(after, "a").get(0);
        assertThat(List.of(changed.leader(), changed.leaderEpoch(), changed.partitionEpoch()))
                .containsExactly(7, 1, 1);
        assertThat(before.configOf(ConfigResource.topic("a"))).isEqualTo(Map.of("k", "1"));
        assertThat(after.configOf(ConfigResource.topic("a"))).isEqualTo(Map.of("k", "2"));
    }

    @Test
    void aDeletedTopicTakesItsConfigurationsAlong() {
        MetadataImage image = ImageChange.apply(
                MetadataImage.EMPTY,
                List.of(topic("a", ID), partition(ID, 0), config("a", "k", "1"), new RemoveTopicRecord().topicId(ID)));
        assertThat(image).isEqualTo(MetadataImage.EMPTY);
    }

    @Test
    void anAbortedTransactionChangesNothingAndACommittedOneAll() {
        MetadataImage before = ImageChange.apply(MetadataImage.EMPTY, List.of(topic("a", ID), partition(ID, 0)));
        List<Message> begun = List.of(
                new BeginTransactionRecord(), partition(ID, 1), config("a", "k", "1"), topic("b", new Uuid(5, 6)));
        List<Message> aborted = new ArrayList<>(begun);
        aborted.add(new AbortTransactionRecord());
        assertThat(ImageChange.apply(before, aborted)).isEqualTo(before);
        List<Message> ended = new ArrayList<>(begun);
        ended.add(new EndTransactionRecord());
        assertThat(ImageChange.apply(before, ended).topicsByName()).containsOnlyKeys("a", "b");
    }

    @Test
    void partitionsLeaveNoGap() {
        List<Message> gap = List.of(topic("a", ID), partition(ID, 0), partition(ID, 2));
        assertThatThrownBy(() -> ImageChange.apply(MetadataImage.EMPTY, gap)).hasMessageContaining("leaves a gap");
        List<Message> unknown = List.of(new PartitionChangeRecord().topicId(ID).partitionId(0));
        assertThatThrownBy(() -> ImageChange.apply(MetadataImage.EMPTY, unknown))
                .hasMessageContaining("unknown partition");
    }

    private static List<PartitionImage> partitionsOf(MetadataImage image, String topic) {
        return Objects.requireNonNull(image.topic(topic)).partitions();
    }

    private static TopicRecord topic(String name, Uuid id) {
        return new TopicRecord().name(name).topicId(id);
    }

    private static PartitionRecord partition(Uuid topic, int index) {
        return new PartitionRecord()
                .topicId(topic)
                .partitionId(index)
                .replicas(List.of(1))
                .isr(List.of(1))
                .directories(List.of(Uuid.ZERO))
                .leader(1)
                .leaderEpoch(0)
                .partitionEpoch(0);
    }

    private static ConfigRecord config(String topic, String name, String value) {
        return new ConfigRecord()
                .resourceType(ConfigResource.TOPIC)
                .resourceName(topic)
                .name(name)
                .value(value);
    }
}
