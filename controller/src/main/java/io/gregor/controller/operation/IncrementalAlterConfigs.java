package io.gregor.controller.operation;

import io.gregor.controller.ConfigResource;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.ApiError;
import io.gregor.wire.Message;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterConfigsResource;
import io.gregor.wire.message.IncrementalAlterConfigsResponse;
import io.gregor.wire.message.IncrementalAlterConfigsResponse.AlterConfigsResourceResponse;
import java.util.ArrayList;
import java.util.List;

/** Sets, deletes, adds to and takes from configurations (KIP-339). Pure. */
public record IncrementalAlterConfigs(ConfigRules rules)
        implements Operation<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> {
    @Override
    public ControllerResult<IncrementalAlterConfigsResponse> decide(
            MetadataImage image, IncrementalAlterConfigsRequest request, ControllerContext context) {
        List<ConfigChanges.Wanted> wanted = request.resources().stream()
                .map(IncrementalAlterConfigs::wanted)
                .toList();
        List<Message> records = new ArrayList<>();
        List<ApiError> errors = new ConfigChanges(rules).decide(image, wanted, request.validateOnly(), records);
        List<AlterConfigsResourceResponse> results = new ArrayList<>();
        for (int i = 0; i < errors.size(); i++) {
            results.add(result(request.resources().get(i), errors.get(i)));
        }
        return new ControllerResult<>(records, new IncrementalAlterConfigsResponse().responses(results));
    }

    private static ConfigChanges.Wanted wanted(AlterConfigsResource resource) {
        return new ConfigChanges.Wanted(
                new ConfigResource(resource.resourceType(), resource.resourceName()),
                resource.configs().stream()
                        .map(config ->
                                new ConfigChanges.Change(config.name(), config.configOperation(), config.value()))
                        .toList(),
                false);
    }

    @Override
    public IncrementalAlterConfigsResponse refused(IncrementalAlterConfigsRequest request, ApiError error) {
        return new IncrementalAlterConfigsResponse()
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
