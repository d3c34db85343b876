package io.gregor.broker.logging;

import io.gregor.controller.ConfigResource;
import io.gregor.wire.ApiError;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterConfigsResource;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterableConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Changes of log levels (KIP-412). They are this process's own, and hold until it ends. Thread-safe. */
public final class LogLevelChanges {
    private static final byte SET = 0;
    private static final byte DELETE = 1;
    private static final byte APPEND = 2;
    private static final byte SUBTRACT = 3;

    private LogLevelChanges() {}

    /** Whether a resource is the log levels of a broker. */
    public static boolean isMeant(AlterConfigsResource resource) {
        return resource.resourceType() == ConfigResource.BROKER_LOGGER;
    }

    /**
     * Applies the changes of those resources that are log levels, each for itself.
     *
     * @return an error for each of those, in order, {@link ApiError#NONE} if its levels are changed
     */
    public static List<ApiError> apply(List<AlterConfigsResource> resources, int nodeId, boolean validateOnly) {
        Set<String> seen = new HashSet<>();
        Set<String> twice = new HashSet<>();
        resources.stream()
                .map(AlterConfigsResource::resourceName)
                .filter(name -> !seen.add(name))
                .forEach(twice::add);
        Set<String> loggers = LogLevels.all().keySet();
        List<ApiError> results = new ArrayList<>();
        for (AlterConfigsResource resource : resources) {
            ApiError error = twice.contains(resource.resourceName())
                    ? invalid("Each resource must appear at most once.")
                    : check(resource, nodeId, loggers);
            if (error == null && !validateOnly) {
                resource.configs().forEach(LogLevelChanges::apply);
            }
            results.add(error == null ? ApiError.NONE : error);
        }
        return results;
    }

    private static void apply(AlterableConfig change) {
        if (change.configOperation() == SET) {
            LogLevels.set(change.name(), Objects.requireNonNull(change.value()));
        } else {
            LogLevels.unset(change.name());
        }
    }

    private static @Nullable ApiError check(AlterConfigsResource resource, int nodeId, Set<String> loggers) {
        String node = resource.resourceName();
        Set<String> names = new HashSet<>();
        for (AlterableConfig change : resource.configs()) {
            if (!names.add(change.name())) {
                return invalid("Error due to duplicate config keys");
            }
            if (change.configOperation() != DELETE && change.value() == null) {
                return invalid("Null value not supported for : " + change.name());
            }
        }
        try {
            if (Integer.parseInt(node) != nodeId) {
                return invalid("Unexpected node id. Expected " + nodeId + ", but received " + node);
            }
        } catch (NumberFormatException e) {
            return invalid("Node id must be an integer, but it is: " + node);
        }
        for (AlterableConfig change : resource.configs()) {
            ApiError error = check(change, loggers);
            if (error != null) {
                return error;
            }
        }
        return null;
    }

    private static @Nullable ApiError check(AlterableConfig change, Set<String> loggers) {
        String logger = change.name();
        switch (change.configOperation()) {
            case SET, DELETE -> {
                if (!loggers.contains(logger)) {
                    return new ApiError(ErrorCode.INVALID_CONFIG, "Logger " + logger + " does not exist!");
                }
                if (change.configOperation() == DELETE) {
                    return logger.equals(LogLevels.ROOT)
                            ? invalid("Removing the log level of the root logger is not allowed")
                            : null;
                }
                return LogLevels.NAMES.contains(Objects.requireNonNullElse(change.value(), ""))
                        ? null
                        : new ApiError(
                                ErrorCode.INVALID_CONFIG,
                                "Cannot set the log level of " + logger + " to " + change.value()
                                        + " as it is not a supported log level. Valid log levels are "
                                        + String.join(", ", LogLevels.NAMES));
            }
            case APPEND -> {
                return invalid("APPEND operation is not allowed for the BROKER_LOGGER resource");
            }
            case SUBTRACT -> {
                return invalid("SUBTRACT operation is not allowed for the BROKER_LOGGER resource");
            }
            default -> {
                return invalid("Unknown operation type " + change.configOperation()
                        + " is not allowed for the BROKER_LOGGER resource");
            }
        }
    }

    private static ApiError invalid(String message) {
        return new ApiError(ErrorCode.INVALID_REQUEST, message);
    }
}
