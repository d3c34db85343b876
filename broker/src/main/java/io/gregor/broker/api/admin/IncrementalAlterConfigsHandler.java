package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.Controller;
import io.gregor.broker.logging.LogLevelChanges;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.ConfigResource;
import io.gregor.wire.ApiError;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterConfigsResource;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterableConfig;
import io.gregor.wire.message.IncrementalAlterConfigsResponse;
import io.gregor.wire.message.IncrementalAlterConfigsResponse.AlterConfigsResourceResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Sets, deletes, adds to and takes from those configurations that the client may alter (KIP-339). Log levels (KIP-412)
 * are changed here, before the controller decides on all else.
 */
public record IncrementalAlterConfigsHandler(Controller controller, int nodeId)
        implements ApiHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> {
    private static final byte DELETE = 1;

    @Override
    public void handle(
            RequestContext context,
            IncrementalAlterConfigsRequest request,
            Reply<IncrementalAlterConfigsResponse> reply) {
        Repeated repeated = Repeated.in(request.resources().stream().map(IncrementalAlterConfigsHandler::resource));
        List<AlterConfigsResource> levels = new ArrayList<>();
        List<AlterConfigsResource> others = new ArrayList<>();
        List<AlterConfigsResource> brokers = new ArrayList<>();
        List<AlterConfigsResourceResponse> responses = new ArrayList<>();
        for (AlterConfigsResource resource : request.resources()) {
            boolean isRepeated = repeated.contains(resource(resource));
            if (!isRepeated && isMalformed(resource)) {
                others.add(resource);
                continue;
            }
            ErrorCode error = isRepeated
                    ? ErrorCode.NONE
                    : ConfigAccess.checkAlter(context, resource.resourceType(), resource.resourceName());
            if (error == ErrorCode.NONE) {
                (LogLevelChanges.isMeant(resource) ? levels : others).add(resource);
            } else if (resource.resourceType() == ConfigResource.BROKER) {
                brokers.add(resource);
            } else {
                responses.add(response(resource, ApiError.of(error)));
            }
        }
        if (!levels.isEmpty()) {
            List<ApiError> errors = LogLevelChanges.apply(levels, nodeId, request.validateOnly());
            for (int i = 0; i < levels.size(); i++) {
                responses.add(response(levels.get(i), errors.get(i)));
            }
        }
        IncrementalAlterConfigsRequest rest =
                new IncrementalAlterConfigsRequest().resources(others).validateOnly(request.validateOnly());
        refuseBrokers(context, brokers)
                .thenCompose(answers -> {
                    responses.addAll(answers);
                    return controller.<IncrementalAlterConfigsResponse>submit(rest, context.toController());
                })
                .thenAccept(response -> {
                    responses.addAll(response.responses());
                    reply.send(response.responses(responses));
                });
    }

    /** What is wrong with a change of a broker is told first, also to who may not make it. */
    private CompletionStage<List<AlterConfigsResourceResponse>> refuseBrokers(
            RequestContext context, List<AlterConfigsResource> brokers) {
        if (brokers.isEmpty()) {
            return CompletableFuture.completedStage(List.of());
        }
        IncrementalAlterConfigsRequest check =
                new IncrementalAlterConfigsRequest().resources(brokers).validateOnly(true);
        ErrorCode refusal = ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
        return controller
                .<IncrementalAlterConfigsResponse>submit(check, context.toController())
                .thenApply(response -> response.responses().stream()
                        .map(answer -> answer.errorCode() == ErrorCode.NONE.code()
                                ? answer.errorCode(refusal.code()).errorMessage(refusal.message())
                                : answer)
                        .toList());
    }

    /** A key that is there twice, or is set to no value: the controller refuses it, whoever asks. */
    private static boolean isMalformed(AlterConfigsResource resource) {
        List<AlterableConfig> configs = resource.configs();
        return Repeated.in(configs.stream().map(AlterableConfig::name)).isAny()
                || configs.stream().anyMatch(config -> config.configOperation() != DELETE && config.value() == null);
    }

    private static ConfigResource resource(AlterConfigsResource resource) {
        return new ConfigResource(resource.resourceType(), resource.resourceName());
    }

    private static AlterConfigsResourceResponse response(AlterConfigsResource resource, ApiError error) {
        return new AlterConfigsResourceResponse()
                .errorCode(error.code().code())
                .errorMessage(error.message())
                .resourceType(resource.resourceType())
                .resourceName(resource.resourceName());
    }
}
