package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.ConfigResource;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ListConfigResourcesRequest;
import io.gregor.wire.message.ListConfigResourcesResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that can have configurations, or has some. A type that the version does not know: UNSUPPORTED_VERSION.
 *
 * <p>Version 0 knows client metrics only (KIP-714); 1 all types (KIP-1142).
 */
public record ListConfigResourcesHandler(ClusterMetadata metadata, int nodeId)
        implements ApiHandler<ListConfigResourcesRequest, ListConfigResourcesResponse> {
    private static final List<Byte> ALL = List.of(
            ConfigResource.TOPIC,
            ConfigResource.BROKER,
            ConfigResource.BROKER_LOGGER,
            ConfigResource.CLIENT_METRICS,
            ConfigResource.GROUP);

    @Override
    public void handle(
            RequestContext context, ListConfigResourcesRequest request, Reply<ListConfigResourcesResponse> reply) {
        List<Byte> known = context.version() == 0 ? List.of(ConfigResource.CLIENT_METRICS) : ALL;
        if (!known.containsAll(request.resourceTypes())) {
            reply.send(new ListConfigResourcesResponse().errorCode(ErrorCode.UNSUPPORTED_VERSION.code()));
            return;
        }
        List<Byte> wanted = request.resourceTypes().isEmpty() ? known : request.resourceTypes();
        MetadataImage image = metadata.image();
        List<ListConfigResourcesResponse.ConfigResource> resources = new ArrayList<>();
        for (byte type : ALL) {
            if (wanted.contains(type)) {
                names(image, type)
                        .forEach(name -> resources.add(new ListConfigResourcesResponse.ConfigResource()
                                .resourceName(name)
                                .resourceType(type)));
            }
        }
        reply.send(new ListConfigResourcesResponse().configResources(resources));
    }

    private List<String> names(MetadataImage image, byte type) {
        return switch (type) {
            case ConfigResource.TOPIC -> List.copyOf(image.topicsByName().keySet());
            case ConfigResource.BROKER, ConfigResource.BROKER_LOGGER -> List.of(String.valueOf(nodeId));
            default ->
                image.configs().keySet().stream()
                        .filter(resource -> resource.type() == type)
                        .map(ConfigResource::name)
                        .toList();
        };
    }
}
