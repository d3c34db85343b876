package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.ConfigChanges;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.AlterConfigs;
import io.gregor.controller.ConfigResource;
import io.gregor.wire.message.AlterConfigsRequest;
import io.gregor.wire.message.AlterConfigsResponse;
import io.gregor.wire.message.AlterConfigsResponse.AlterConfigsResourceResponse;
import java.util.List;

/** Replaces all configurations of resources by those that are given; see {@link AlterConfigs}. */
public record AlterConfigsHandler(ConfigChanges changes)
        implements ApiHandler<AlterConfigsRequest, AlterConfigsResponse> {
    @Override
    public void handle(RequestContext context, AlterConfigsRequest request, Reply<AlterConfigsResponse> reply) {
        List<AlterConfigs.Request> requests = request.resources().stream()
                .map(resource -> new AlterConfigs.Request(
                        new ConfigResource(resource.resourceType(), resource.resourceName()),
                        resource.configs().stream()
                                .map(config ->
                                        new AlterConfigs.Change(config.name(), AlterConfigs.Change.SET, config.value()))
                                .toList(),
                        true))
                .toList();
        changes.apply(
                requests,
                request.validateOnly(),
                results -> reply.send(new AlterConfigsResponse()
                        .responses(results.stream()
                                .map(result -> new AlterConfigsResourceResponse()
                                        .errorCode(result.error().code())
                                        .errorMessage(result.message())
                                        .resourceType(result.resource().type())
                                        .resourceName(result.resource().name()))
                                .toList())));
    }
}
