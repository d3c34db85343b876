package io.gregor.controller.operation;

import io.gregor.controller.ConfigResource;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.ApiError;
import io.gregor.wire.Message;
import io.gregor.wire.message.AlterConfigsRequest;
import io.gregor.wire.message.AlterConfigsRequest.AlterConfigsResource;
import io.gregor.wire.message.AlterConfigsResponse;
import io.gregor.wire.message.AlterConfigsResponse.AlterConfigsResourceResponse;
import java.util.ArrayList;
import java.util.List;

/** Replaces all configurations of topics, brokers, groups and subscriptions by those that are given. Pure. */
public record AlterConfigs(ConfigRules rules) implements Operation<AlterConfigsRequest, AlterConfigsResponse> {
    @Override
    public ControllerResult<AlterConfigsResponse> decide(
            MetadataImage image, AlterConfigsRequest request, ControllerContext context) {
        List<ConfigChanges.Wanted> wanted =
                request.resources().stream().map(AlterConfigs::wanted).toList();
        List<Message> records = new ArrayList<>();
        List<ApiError> errors = new ConfigChanges(rules).decide(image, wanted, request.validateOnly(), records);
        List<AlterConfigsResourceResponse> results = new ArrayList<>();
        for (int i = 0; i < errors.size(); i++) {
            results.add(result(request.resources().get(i), errors.get(i)));
        }
        return new ControllerResult<>(records, new AlterConfigsResponse().responses(results));
    }

    private static ConfigChanges.Wanted wanted(AlterConfigsResource resource) {
        return new ConfigChanges.Wanted(
                new ConfigResource(resource.resourceType(), resource.resourceName()),
                resource.configs().stream()
                        .map(config ->
                                new ConfigChanges.Change(config.name(), ConfigChanges.Change.SET, config.value()))
                        .toList(),
                true);
    }

    @Override
    public AlterConfigsResponse refused(AlterConfigsRequest request, ApiError error) {
        return new AlterConfigsResponse()
                .responses(request.resources().stream()
                        .map(resource -> result(resource, error))
                        .toList());
    }

    private static AlterConfigsResourceResponse result(AlterConfigsResource resource, ApiError error) {
        return new AlterConfigsResourceResponse()
                .errorCode(error.code().code())
                .errorMessage(error.message())
                .resourceType(resource.resourceType())
                .resourceName(resource.resourceName());
    }
}
