package io.gregor.controller.operation;

import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.SupportedFeature;
import io.gregor.wire.ApiError;
import io.gregor.wire.Message;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FeatureLevelRecord;
import io.gregor.wire.message.UpdateFeaturesRequest;
import io.gregor.wire.message.UpdateFeaturesRequest.FeatureUpdateKey;
import io.gregor.wire.message.UpdateFeaturesResponse;
import io.gregor.wire.message.UpdateFeaturesResponse.UpdatableFeatureResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Raises and lowers the levels of features, all that are named or none (KIP-584, KIP-778). Pure.
 *
 * <p>Any objection is INVALID_UPDATE_VERSION for the whole request: a level that this node does not have, a lower one
 * without leave to go down, a feature above a {@code metadata.version} that lacks it, and a lower
 * {@code metadata.version} where a record in between was changed.
 *
 * @param minInsyncReplicas the value of this node's configuration
 */
public record UpdateFeatures(List<SupportedFeature> supported, int nodeId, String minInsyncReplicas)
        implements Operation<UpdateFeaturesRequest, UpdateFeaturesResponse> {
    private static final byte UPGRADE = 1;
    private static final byte SAFE_DOWNGRADE = 2;
    private static final byte UNSAFE_DOWNGRADE = 3;
    /** The versions of the response up to this tell the result of each feature. */
    private static final int LAST_VERSION_WITH_RESULTS = 1;
    /** The lowest that there is: 3.3-IV3. */
    private static final int LOWEST_METADATA_VERSION = 7;
    /** The lowest with eligible leader replicas (KIP-966): 4.0-IV1. */
    private static final int METADATA_VERSION_WITH_ELR = 23;

    /** The levels of {@code metadata.version} that changed records: one cannot go back behind them. */
    private static final Set<Integer> CHANGED_RECORDS = Set.of(7, 8, 11, 13, 14, 15, 17, 23, 30);

    @Override
    public ControllerResult<UpdateFeaturesResponse> decide(
            MetadataImage image, UpdateFeaturesRequest request, ControllerContext context) {
        // One that is named twice is updated as it is named last. In Kafka's order: the first objection is told.
        Map<String, FeatureUpdateKey> updates = new HashMap<>();
        request.featureUpdates().forEach(update -> updates.put(update.feature(), update));
        List<Message> records = new ArrayList<>();
        for (FeatureUpdateKey update : updates.values()) {
            String objection = objection(image, updates, update);
            if (objection != null) {
                ApiError error = new ApiError(
                        ErrorCode.INVALID_UPDATE_VERSION,
                        "The update failed for all features since the following feature had an error: " + objection);
                return new ControllerResult<>(List.of(), refused(request, error));
            }
            records.add(new FeatureLevelRecord().name(update.feature()).featureLevel(update.maxVersionLevel()));
        }
        if (updates.containsKey(SupportedFeature.ELIGIBLE_LEADER_REPLICAS_VERSION)) {
            MetadataImage updated = ImageChange.apply(image, records);
            records.addAll(0, EligibleLeaderReplicas.recordsBeside(updated, minInsyncReplicas));
        }
        UpdateFeaturesResponse response = new UpdateFeaturesResponse().errorMessage(null);
        if (context.version() <= LAST_VERSION_WITH_RESULTS) {
            response.results(request.featureUpdates().stream()
                    .map(update -> new UpdatableFeatureResult()
                            .feature(update.feature())
                            .errorMessage(ErrorCode.NONE.name()))
                    .toList());
        }
        return new ControllerResult<>(request.validateOnly() ? List.of() : records, response);
    }

    @Override
    public UpdateFeaturesResponse refused(UpdateFeaturesRequest request, ApiError error) {
        return new UpdateFeaturesResponse().errorCode(error.code().code()).errorMessage(error.message());
    }

    /** Null if there is none. */
    private @Nullable String objection(
            MetadataImage image, Map<String, FeatureUpdateKey> updates, FeatureUpdateKey update) {
        short wanted = update.maxVersionLevel();
        String start = "Invalid update version " + wanted + " for feature " + update.feature() + ". ";
        if (update.upgradeType() < UPGRADE || update.upgradeType() > UNSAFE_DOWNGRADE) {
            return start + "The controller does not support the given upgrade type.";
        }
        if (wanted < 0) {
            return start + "A feature version cannot be less than 0.";
        }
        String unsupported = unsupported(image, update.feature(), wanted);
        if (unsupported != null) {
            return start + unsupported;
        }
        short current = image.features().getOrDefault(update.feature(), (short) 0);
        if (wanted < current && update.upgradeType() == UPGRADE) {
            return start + "Can't downgrade the version of this feature without setting the upgrade type to either safe"
                    + " or unsafe downgrade.";
        }
        if (wanted > current && update.upgradeType() != UPGRADE) {
            return start + "Can't downgrade to a newer version.";
        }
        if (update.feature().equals(SupportedFeature.METADATA_VERSION)) {
            return metadataObjection(current, wanted, update.upgradeType());
        }
        FeatureUpdateKey metadata = updates.get(SupportedFeature.METADATA_VERSION);
        short below = metadata == null
                ? image.features().getOrDefault(SupportedFeature.METADATA_VERSION, (short) 0)
                : metadata.maxVersionLevel();
        String missing = missing(update.feature(), wanted, below);
        return missing == null
                ? null
                : start + update.feature() + " could not be set to " + wanted + " because it depends on " + missing;
    }

    /** What the feature needs and does not find, in Kafka's words; null if there is nothing. */
    private static @Nullable String missing(String feature, short wanted, short metadataVersion) {
        if (wanted > 0 && metadataVersion < LOWEST_METADATA_VERSION) {
            return "metadata.version=" + LOWEST_METADATA_VERSION + " (3.3-IV3)";
        }
        boolean elr = feature.equals(SupportedFeature.ELIGIBLE_LEADER_REPLICAS_VERSION);
        return elr && wanted > 0 && metadataVersion < METADATA_VERSION_WITH_ELR
                ? "metadata.version level " + METADATA_VERSION_WITH_ELR
                : null;
    }

    private @Nullable String unsupported(MetadataImage image, String name, short wanted) {
        SupportedFeature feature = supported.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElse(null);
        String node = "Local controller " + nodeId + " ";
        if (feature == null) {
            // One that Apache Kafka has left in the folder may go.
            boolean left = image.features().containsKey(name);
            if (wanted == 0) {
                return left ? null : "Feature " + name + " not found.";
            }
            return node + "does not support this feature.";
        }
        return wanted >= feature.lowest() && wanted <= feature.highest()
                ? null
                : node + "only supports versions " + feature.lowest() + "-" + feature.highest();
    }

    private static @Nullable String metadataObjection(short current, short wanted, byte upgradeType) {
        for (int level = wanted + 1; level <= current; level++) {
            if (CHANGED_RECORDS.contains(level)) {
                return "Unsupported metadata.version downgrade from " + current + " to " + wanted + ". "
                        + (upgradeType == SAFE_DOWNGRADE
                                ? "Refusing to perform the requested downgrade because it might delete metadata"
                                        + " information."
                                : "Unsafe metadata downgrade is not supported in this version.");
            }
        }
        return null;
    }
}
