package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.Controller;
import io.gregor.broker.logging.LogLevelChanges;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.ControllerContext;
import io.gregor.wire.ApiError;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterConfigsResource;
import io.gregor.wire.message.IncrementalAlterConfigsResponse;
import io.gregor.wire.message.IncrementalAlterConfigsResponse.AlterConfigsResourceResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * Sets, deletes, adds to and takes from configurations (KIP-339). Log levels (KIP-412) are changed here, before the
 * controller decides on all else.
 */
public record IncrementalAlterConfigsHandler(Controller controller, int nodeId)
        implements ApiHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> {
    @Override
    public void handle(
            RequestContext context,
            IncrementalAlterConfigsRequest request,
            Reply<IncrementalAlterConfigsResponse> reply) {
        List<AlterConfigsResource> levels = new ArrayList<>();
        List<AlterConfigsResource> others = new ArrayList<>();
        request.resources().forEach(resource -> (LogLevelChanges.isMeant(resource) ? levels : others).add(resource));
        List<AlterConfigsResourceResponse> responses = new ArrayList<>();
        if (!levels.isEmpty()) {
            List<ApiError> errors = LogLevelChanges.apply(levels, nodeId, request.validateOnly());
            for (int i = 0; i < levels.size(); i++) {
                responses.add(response(levels.get(i), errors.get(i)));
            }
        }
        IncrementalAlterConfigsRequest rest =
                new IncrementalAlterConfigsRequest().resources(others).validateOnly(request.validateOnly());
        controller
                .<IncrementalAlterConfigsResponse>submit(
                        rest, new ControllerContext(context.version(), context.clientId(), context.requester()))
                .thenAccept(response -> {
                    responses.addAll(response.responses());
                    reply.send(response.responses(responses));
                });
    }

    private static AlterConfigsResourceResponse response(AlterConfigsResource resource, ApiError error) {
        return new AlterConfigsResourceResponse()
                .errorCode(error.code().code())
                .errorMessage(error.message())
                .resourceType(resource.resourceType())
                .resourceName(resource.resourceName());
    }
}
