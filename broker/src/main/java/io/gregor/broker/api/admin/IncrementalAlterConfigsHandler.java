package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.ConfigChanges;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.AlterConfigs;
import io.gregor.controller.ConfigResource;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import io.gregor.wire.message.IncrementalAlterConfigsResponse;
import io.gregor.wire.message.IncrementalAlterConfigsResponse.AlterConfigsResourceResponse;
import java.util.List;

/** Sets, deletes, adds to and takes from configurations (KIP-339); see {@link AlterConfigs}. */
public record IncrementalAlterConfigsHandler(ConfigChanges changes)
        implements ApiHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> {
    @Override
    public void handle(
            RequestContext context,
            IncrementalAlterConfigsRequest request,
            Reply<IncrementalAlterConfigsResponse> reply) {
        List<AlterConfigs.Request> requests = request.resources().stream()
                .map(resource -> new AlterConfigs.Request(
                        new ConfigResource(resource.resourceType(), resource.resourceName()),
                        resource.configs().stream()
                                .map(config -> new AlterConfigs.Change(
                                        config.name(), config.configOperation(), config.value()))
                                .toList(),
                        false))
                .toList();
        changes.apply(
                requests,
                request.validateOnly(),
                results -> reply.send(new IncrementalAlterConfigsResponse()
                        .responses(results.stream()
                                .map(result -> new AlterConfigsResourceResponse()
                                        .errorCode(result.error().code())
                                        .errorMessage(result.message())
                                        .resourceType(result.resource().type())
                                        .resourceName(result.resource().name()))
                                .toList())));
    }
}
