package io.gregor.broker.api.cluster;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.SupportedFeature;
import io.gregor.controller.UpdateFeatures;
import io.gregor.wire.message.UpdateFeaturesRequest;
import io.gregor.wire.message.UpdateFeaturesResponse;
import java.util.List;

/** Changes the levels of features; see {@link UpdateFeatures} for the rules. */
public record UpdateFeaturesHandler(ClusterMetadata metadata, List<SupportedFeature> supported, int nodeId)
        implements ApiHandler<UpdateFeaturesRequest, UpdateFeaturesResponse> {

    @Override
    public void handle(RequestContext context, UpdateFeaturesRequest request, Reply<UpdateFeaturesResponse> reply) {
        metadata.change(
                image -> UpdateFeatures.decide(image, supported, nodeId, request, context.version()),
                reply::send,
                error -> reply.send(
                        new UpdateFeaturesResponse().errorCode(error.code()).errorMessage(error.message())));
    }
}
