package io.gregor.controller.operation;

import io.gregor.controller.ConfigResource;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.SupportedFeature;
import io.gregor.wire.ApiError;
import io.gregor.wire.Message;
import io.gregor.wire.message.ClearElrRecord;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code eligible.leader.replicas.version} (KIP-966) asks of {@code min.insync.replicas}: one value for the
 * cluster, which is always stored, and none for a broker. Pure.
 */
public final class EligibleLeaderReplicas {
    static final String MIN_INSYNC_REPLICAS = "min.insync.replicas";

    private static final ConfigResource CLUSTER = new ConfigResource(ConfigResource.BROKER, "");

    private EligibleLeaderReplicas() {}

    private static boolean isOn(MetadataImage image) {
        return image.features().getOrDefault(SupportedFeature.ELIGIBLE_LEADER_REPLICAS_VERSION, (short) 0) > 0;
    }

    /**
     * What has to be stored beside the feature, if that is on: a value for the cluster, where there is none, and none
     * for a broker.
     *
     * @param configured the value of this node's configuration
     */
    public static List<Message> recordsBeside(MetadataImage image, String configured) {
        List<Message> records = new ArrayList<>();
        if (isOn(image)) {
            if (!image.configOf(CLUSTER).containsKey(MIN_INSYNC_REPLICAS)) {
                records.add(minInsyncReplicas(CLUSTER, configured));
            }
            image.configs().forEach((resource, configs) -> {
                if (isOfBroker(resource) && configs.containsKey(MIN_INSYNC_REPLICAS)) {
                    records.add(minInsyncReplicas(resource, null));
                }
            });
        }
        return records;
    }

    private static ConfigRecord minInsyncReplicas(ConfigResource of, @Nullable String value) {
        return new ConfigRecord()
                .resourceType(of.type())
                .resourceName(of.name())
                .name(MIN_INSYNC_REPLICAS)
                .value(value);
    }

    private static boolean isOfBroker(ConfigResource resource) {
        return resource.type() == ConfigResource.BROKER && !resource.name().isEmpty();
    }

    /** Why the resource cannot be changed from {@code before} to {@code after}, or null if it can. */
    static @Nullable ApiError objection(
            MetadataImage image, ConfigChanges.Wanted wanted, Map<String, String> before, Map<String, String> after) {
        boolean isNamed =
                wanted.changes().stream().anyMatch(change -> change.name().equals(MIN_INSYNC_REPLICAS));
        boolean isRemoved = before.containsKey(MIN_INSYNC_REPLICAS) && !after.containsKey(MIN_INSYNC_REPLICAS);
        if (!isOn(image) || !(isNamed || isRemoved)) {
            return null;
        }
        if (isOfBroker(wanted.resource())) {
            return invalid("Broker-level " + MIN_INSYNC_REPLICAS + " cannot be altered while ELR is enabled.");
        }
        return wanted.resource().equals(CLUSTER) && !after.containsKey(MIN_INSYNC_REPLICAS)
                ? invalid("Cluster-level " + MIN_INSYNC_REPLICAS + " cannot be removed while ELR is enabled.")
                : null;
    }

    private static ApiError invalid(String message) {
        return new ApiError(ErrorCode.INVALID_CONFIG, message);
    }

    /** With another value, who was eligible by the old one no longer is: the records that say so. */
    static List<Message> cleared(MetadataImage image, List<Message> changes) {
        List<Message> records = new ArrayList<>();
        if (isOn(image)) {
            for (Message change : changes) {
                if (change instanceof ConfigRecord config && config.name().equals(MIN_INSYNC_REPLICAS)) {
                    ClearElrRecord ofAll = new ClearElrRecord();
                    boolean isTopic = config.resourceType() == ConfigResource.TOPIC;
                    records.add(isTopic ? ofAll.topicName(config.resourceName()) : ofAll);
                }
            }
        }
        return records;
    }
}
