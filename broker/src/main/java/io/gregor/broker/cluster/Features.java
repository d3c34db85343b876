package io.gregor.broker.cluster;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.controller.SupportedFeature;
import io.gregor.wire.Message;
import io.gregor.wire.message.FeatureLevelRecord;
import java.util.List;

/** The features that this broker has, and the levels that a new cluster begins with (KIP-584). */
public final class Features {
    /** KIP-890, both halves. */
    private static final short TRANSACTION_VERSION_2 = 2;
    /** KIP-848. */
    private static final short GROUP_VERSION_1 = 1;
    /** KIP-966. */
    private static final short ELIGIBLE_LEADER_REPLICAS_VERSION_1 = 1;
    /** 3.3-IV3: the first that KRaft clusters have. */
    private static final short LOWEST_METADATA_VERSION = 7;
    /** 4.3-IV0. */
    private static final short METADATA_VERSION_4_3 = 30;
    /** 4.4-IV0, which changes nothing: Apache Kafka 4.3.1 knows it, and uses it where unstable features are allowed. */
    private static final short METADATA_VERSION_4_4 = 31;

    private Features() {}

    /** The newest {@code metadata.version} that this broker may serve. */
    public static short newestMetadataVersion(BrokerConfig config) {
        return config.isOn("unstable.feature.versions.enable") ? METADATA_VERSION_4_4 : METADATA_VERSION_4_3;
    }

    /** The first records of a new cluster. */
    public static List<Message> bootstrapRecords() {
        return List.of(
                new FeatureLevelRecord().name(SupportedFeature.METADATA_VERSION).featureLevel(METADATA_VERSION_4_3),
                new FeatureLevelRecord()
                        .name(SupportedFeature.ELIGIBLE_LEADER_REPLICAS_VERSION)
                        .featureLevel(ELIGIBLE_LEADER_REPLICAS_VERSION_1),
                new FeatureLevelRecord().name(SupportedFeature.GROUP_VERSION).featureLevel(GROUP_VERSION_1),
                new FeatureLevelRecord()
                        .name(SupportedFeature.TRANSACTION_VERSION)
                        .featureLevel(TRANSACTION_VERSION_2));
    }

    public static List<SupportedFeature> supported(BrokerConfig config) {
        return List.of(
                new SupportedFeature(
                        SupportedFeature.METADATA_VERSION, LOWEST_METADATA_VERSION, newestMetadataVersion(config)),
                new SupportedFeature(SupportedFeature.TRANSACTION_VERSION, (short) 0, TRANSACTION_VERSION_2),
                new SupportedFeature(SupportedFeature.GROUP_VERSION, (short) 0, GROUP_VERSION_1),
                new SupportedFeature(
                        SupportedFeature.ELIGIBLE_LEADER_REPLICAS_VERSION,
                        (short) 0,
                        ELIGIBLE_LEADER_REPLICAS_VERSION_1),
                // The quorum is named in the configuration.
                new SupportedFeature(SupportedFeature.KRAFT_VERSION, (short) 0, (short) 0));
    }
}
