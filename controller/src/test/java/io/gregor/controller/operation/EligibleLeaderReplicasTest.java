package io.gregor.controller.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.controller.ConfigResource;
import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.SupportedFeature;
import io.gregor.wire.Message;
import io.gregor.wire.message.ClearElrRecord;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.FeatureLevelRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** With eligible leader replicas there is one {@code min.insync.replicas} of the cluster, and none of a broker. */
class EligibleLeaderReplicasTest {
    private static final ConfigResource CLUSTER = new ConfigResource(ConfigResource.BROKER, "");
    private static final ConfigResource BROKER = new ConfigResource(ConfigResource.BROKER, "7");

    private static Message feature(int level) {
        return new FeatureLevelRecord()
                .name(SupportedFeature.ELIGIBLE_LEADER_REPLICAS_VERSION)
                .featureLevel((short) level);
    }

    private static ConfigRecord value(ConfigResource resource, @Nullable String value) {
        return new ConfigRecord()
                .resourceType(resource.type())
                .resourceName(resource.name())
                .name(EligibleLeaderReplicas.MIN_INSYNC_REPLICAS)
                .value(value);
    }

    @Test
    void withTheFeatureTheClusterGetsAValueAndBrokersLoseTheirs() {
        MetadataImage off = ImageChange.apply(MetadataImage.EMPTY, List.of(value(BROKER, "2")));
        assertThat(EligibleLeaderReplicas.recordsBeside(off, "3")).isEmpty();
        MetadataImage on = ImageChange.apply(off, List.of(feature(1)));
        MetadataImage after = ImageChange.apply(on, EligibleLeaderReplicas.recordsBeside(on, "3"));
        assertThat(after.configOf(CLUSTER)).containsEntry(EligibleLeaderReplicas.MIN_INSYNC_REPLICAS, "3");
        assertThat(after.configOf(BROKER)).isEmpty();
        assertThat(EligibleLeaderReplicas.recordsBeside(after, "4")).isEmpty();
    }

    @Test
    void anotherValueClearsWhoIsEligible() {
        List<Message> changes = List.of(value(CLUSTER, "2"), value(ConfigResource.topic("t"), null));
        assertThat(EligibleLeaderReplicas.cleared(MetadataImage.EMPTY, changes)).isEmpty();
        MetadataImage on = ImageChange.apply(MetadataImage.EMPTY, List.of(feature(1)));
        assertThat(EligibleLeaderReplicas.cleared(on, changes))
                .extracting(record -> ((ClearElrRecord) record).topicName())
                .containsExactly("", "t");
    }
}
