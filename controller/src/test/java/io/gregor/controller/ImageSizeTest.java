package io.gregor.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ClientQuotaRecord;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.RemoveTopicRecord;
import io.gregor.wire.message.RemoveUserScramCredentialRecord;
import io.gregor.wire.message.TopicRecord;
import io.gregor.wire.message.UserScramCredentialRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever clients can store counts, and counts no more once it is gone. */
class ImageSizeTest {
    private static final Uuid ID = new Uuid(7, 7);
    private static final String NAME = "n".repeat(1000);

    @Test
    void topicsAndPartitionsCount() {
        MetadataImage topic =
                with(MetadataImage.EMPTY, new TopicRecord().name(NAME).topicId(ID));
        assertThat(ImageSize.of(topic)).isGreaterThan(NAME.length());
        MetadataImage partition = with(topic, new PartitionRecord().topicId(ID).partitionId(0));
        assertThat(ImageSize.of(partition)).isGreaterThan(ImageSize.of(topic) + 1000);
        assertThat(ImageSize.of(with(partition, new RemoveTopicRecord().topicId(ID))))
                .isZero();
    }

    @Test
    void configurationsCount() {
        ConfigRecord record = new ConfigRecord()
                .resourceType(ConfigResource.CLIENT_METRICS)
                .resourceName(NAME)
                .name("metrics");
        MetadataImage one = with(MetadataImage.EMPTY, record.value(""));
        assertThat(ImageSize.of(one)).isGreaterThan(NAME.length());
        MetadataImage longer = with(one, record.value(NAME));
        assertThat(ImageSize.of(longer)).isGreaterThanOrEqualTo(ImageSize.of(one) + NAME.length());
        assertThat(ImageSize.of(with(longer, record.value(null)))).isZero();
    }

    @Test
    void quotasCount() {
        ClientQuotaRecord record = new ClientQuotaRecord()
                .entity(List.of(new ClientQuotaRecord.EntityData()
                        .entityType(QuotaEntity.CLIENT_ID)
                        .entityName(NAME)))
                .key("producer_byte_rate")
                .value(1);
        MetadataImage one = with(MetadataImage.EMPTY, record);
        assertThat(ImageSize.of(one)).isGreaterThan(NAME.length());
        assertThat(ImageSize.of(with(one, record.remove(true)))).isZero();
    }

    @Test
    void usersCount() {
        MetadataImage one = with(
                MetadataImage.EMPTY,
                new UserScramCredentialRecord()
                        .name(NAME)
                        .mechanism((byte) 1)
                        .salt(new byte[1000])
                        .storedKey(new byte[32])
                        .serverKey(new byte[32]));
        assertThat(ImageSize.of(one)).isGreaterThan(NAME.length() + 1000);
        MetadataImage none =
                with(one, new RemoveUserScramCredentialRecord().name(NAME).mechanism((byte) 1));
        assertThat(ImageSize.of(none)).isZero();
    }

    private static MetadataImage with(MetadataImage image, Message record) {
        return ImageChange.apply(image, List.of(record));
    }
}
