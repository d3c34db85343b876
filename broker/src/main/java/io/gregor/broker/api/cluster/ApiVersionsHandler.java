package io.gregor.broker.api.cluster;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.ApiRegistry;
import io.gregor.broker.net.ClientSoftware;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.SupportedFeature;
import io.gregor.wire.message.ApiVersionsRequest;
import io.gregor.wire.message.ApiVersionsResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.Map;

/**
 * Which APIs there are, in which versions: what the registry holds, nothing else.
 *
 * <p>Version 3 brings the client's name and version, which must look like such (KIP-511), and features (KIP-584).
 * Up to version 3 a feature whose lowest level is 0 is left out (KAFKA-17011). The epoch of the features that hold is
 * the offset of the newest metadata, as in Kafka: clients take over what comes with a greater one.
 */
public final class ApiVersionsHandler implements ApiHandler<ApiVersionsRequest, ApiVersionsResponse> {
    private static final int FIRST_VERSION_WITH_SOFTWARE = 3;
    private static final int FIRST_VERSION_WITH_LEVEL_ZERO = 4;

    private final ApiRegistry registry;
    private final ClusterMetadata metadata;
    private final List<SupportedFeature> supported;

    public ApiVersionsHandler(ApiRegistry registry, ClusterMetadata metadata, List<SupportedFeature> supported) {
        this.registry = registry;
        this.metadata = metadata;
        this.supported = supported;
    }

    @Override
    public void handle(RequestContext context, ApiVersionsRequest request, Reply<ApiVersionsResponse> reply) {
        ClientSoftware software = context.version() < FIRST_VERSION_WITH_SOFTWARE
                ? ClientSoftware.UNKNOWN
                : new ClientSoftware(request.clientSoftwareName(), request.clientSoftwareVersion());
        if (!software.isValid()) {
            reply.send(new ApiVersionsResponse().errorCode(ErrorCode.INVALID_REQUEST.code()));
            return;
        }
        context.peer().software(software.kept());
        // Before the features: a client that hears of them with too great an epoch never takes over the next ones.
        long epoch = metadata.imageEndOffset() - 1;
        reply.send(new ApiVersionsResponse()
                .apiKeys(apiKeys())
                .supportedFeatures(supported(context.version()))
                .finalizedFeatures(finalized())
                .finalizedFeaturesEpoch(epoch));
    }

    /** What Apache Kafka may have finalized in the folder besides is not there, so nobody is told of it. */
    private List<ApiVersionsResponse.FinalizedFeatureKey> finalized() {
        Map<String, Short> levels = metadata.image().features();
        return supported.stream()
                .filter(feature -> levels.containsKey(feature.name()))
                .map(feature -> new ApiVersionsResponse.FinalizedFeatureKey()
                        .name(feature.name())
                        .minVersionLevel(levels.getOrDefault(feature.name(), (short) 0))
                        .maxVersionLevel(levels.getOrDefault(feature.name(), (short) 0)))
                .toList();
    }

    private List<ApiVersionsResponse.ApiVersion> apiKeys() {
        return registry.all().stream()
                .filter(ApiRegistry.Api::advertised)
                .map(api -> new ApiVersionsResponse.ApiVersion()
                        .apiKey(api.key().id())
                        .minVersion(api.advertisedLowest())
                        .maxVersion(api.highest()))
                .toList();
    }

    private List<ApiVersionsResponse.SupportedFeatureKey> supported(short version) {
        return supported.stream()
                .filter(feature -> version >= FIRST_VERSION_WITH_LEVEL_ZERO || feature.lowest() > 0)
                .map(feature -> new ApiVersionsResponse.SupportedFeatureKey()
                        .name(feature.name())
                        .minVersion(feature.lowest())
                        .maxVersion(feature.highest()))
                .toList();
    }
}
