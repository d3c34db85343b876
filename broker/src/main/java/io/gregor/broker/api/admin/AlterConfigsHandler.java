package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.Controller;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.ConfigResource;
import io.gregor.wire.message.AlterConfigsRequest;
import io.gregor.wire.message.AlterConfigsRequest.AlterConfigsResource;
import io.gregor.wire.message.AlterConfigsRequest.AlterableConfig;
import io.gregor.wire.message.AlterConfigsResponse;
import io.gregor.wire.message.AlterConfigsResponse.AlterConfigsResourceResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Replaces those configurations that the client may alter; the controller decides on the rest
 * ({@link io.gregor.controller.operation.AlterConfigs}).
 */
public record AlterConfigsHandler(Controller controller)
        implements ApiHandler<AlterConfigsRequest, AlterConfigsResponse> {
    @Override
    public void handle(RequestContext context, AlterConfigsRequest request, Reply<AlterConfigsResponse> reply) {
        Repeated repeated = Repeated.in(request.resources().stream().map(AlterConfigsHandler::resource));
        List<AlterConfigsResource> allowed = new ArrayList<>();
        List<AlterConfigsResource> brokers = new ArrayList<>();
        List<AlterConfigsResourceResponse> refused = new ArrayList<>();
        for (AlterConfigsResource resource : request.resources()) {
            ErrorCode error = repeated.contains(resource(resource)) || isMalformed(resource)
                    ? ErrorCode.NONE
                    : ConfigAccess.checkAlter(context, resource.resourceType(), resource.resourceName());
            if (error == ErrorCode.NONE) {
                allowed.add(resource);
            } else if (resource.resourceType() == ConfigResource.BROKER) {
                brokers.add(resource);
            } else {
                refused.add(refuse(
                        new AlterConfigsResourceResponse()
                                .resourceType(resource.resourceType())
                                .resourceName(resource.resourceName()),
                        error));
            }
        }
        refuseBrokers(context, brokers)
                .thenCompose(answers -> {
                    refused.addAll(answers);
                    return controller.<AlterConfigsResponse>submit(request.resources(allowed), context.toController());
                })
                .thenAccept(response -> {
                    refused.addAll(response.responses());
                    reply.send(response.responses(refused));
                });
    }

    private static AlterConfigsResourceResponse refuse(AlterConfigsResourceResponse answer, ErrorCode error) {
        return answer.errorCode(error.code()).errorMessage(error.message());
    }

    /** What is wrong with a change of a broker is told first, also to who may not make it. */
    private CompletionStage<List<AlterConfigsResourceResponse>> refuseBrokers(
            RequestContext context, List<AlterConfigsResource> brokers) {
        if (brokers.isEmpty()) {
            return CompletableFuture.completedStage(List.of());
        }
        AlterConfigsRequest check = new AlterConfigsRequest().resources(brokers).validateOnly(true);
        return controller
                .<AlterConfigsResponse>submit(check, context.toController())
                .thenApply(response -> response.responses().stream()
                        .map(answer -> answer.errorCode() == ErrorCode.NONE.code()
                                ? refuse(answer, ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
                                : answer)
                        .toList());
    }

    /** A key that is there twice, or has no value: the controller refuses it, whoever asks. */
    private static boolean isMalformed(AlterConfigsResource resource) {
        List<AlterableConfig> configs = resource.configs();
        return Repeated.in(configs.stream().map(AlterableConfig::name)).isAny()
                || configs.stream().anyMatch(config -> config.value() == null);
    }

    private static ConfigResource resource(AlterConfigsResource resource) {
        return new ConfigResource(resource.resourceType(), resource.resourceName());
    }
}
