package io.gregor.broker.logging;

import io.gregor.controller.AlterConfigs;
import io.gregor.controller.AlterConfigs.Change;
import io.gregor.controller.AlterConfigs.Objection;
import io.gregor.controller.ConfigResource;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Changes of log levels (KIP-412). They are this process's own, and last until it ends. */
public final class LogLevelChanges {
    private LogLevelChanges() {}

    /** Whether a request is about log levels; they can be changed one by one only. */
    public static boolean isMeant(AlterConfigs.Request request) {
        return request.resource().type() == ConfigResource.BROKER_LOGGER && !request.replaces();
    }

    /** Applies those requests that are about log levels. */
    public static List<AlterConfigs.Result> apply(
            List<AlterConfigs.Request> requests, int nodeId, boolean validateOnly) {
        List<ConfigResource> resources =
                requests.stream().map(AlterConfigs.Request::resource).toList();
        List<AlterConfigs.Result> results = new ArrayList<>();
        for (AlterConfigs.Request request : requests) {
            if (isMeant(request)) {
                Objection objection = Collections.frequency(resources, request.resource()) > 1
                        ? invalid("Each resource must appear at most once.")
                        : objection(request.resource().name(), nodeId, request.changes());
                if (objection == null && !validateOnly) {
                    request.changes().forEach(LogLevelChanges::apply);
                }
                results.add(new AlterConfigs.Result(
                        request.resource(),
                        objection == null ? ErrorCode.NONE : objection.error(),
                        objection == null ? null : objection.message()));
            }
        }
        return results;
    }

    private static void apply(Change change) {
        if (change.operation() == Change.SET) {
            LogLevels.set(change.name(), Objects.requireNonNull(change.value()));
        } else {
            LogLevels.unset(change.name());
        }
    }

    private static @Nullable Objection objection(String node, int nodeId, List<Change> changes) {
        Set<String> names = new HashSet<>();
        for (Change change : changes) {
            if (!names.add(change.name())) {
                return invalid("Error due to duplicate config keys");
            }
            if (change.operation() != Change.DELETE && change.value() == null) {
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
        for (Change change : changes) {
            Objection objection = objection(change);
            if (objection != null) {
                return objection;
            }
        }
        return null;
    }

    private static @Nullable Objection objection(Change change) {
        String logger = change.name();
        switch (change.operation()) {
            case Change.SET, Change.DELETE -> {
                if (!LogLevels.all().containsKey(logger)) {
                    return new Objection(ErrorCode.INVALID_CONFIG, "Logger " + logger + " does not exist!");
                }
                if (change.operation() == Change.DELETE) {
                    return logger.equals(LogLevels.ROOT)
                            ? invalid("Removing the log level of the root logger is not allowed")
                            : null;
                }
                return LogLevels.NAMES.contains(Objects.requireNonNullElse(change.value(), ""))
                        ? null
                        : new Objection(
                                ErrorCode.INVALID_CONFIG,
                                "Cannot set the log level of " + logger + " to " + change.value()
                                        + " as it is not a supported log level. Valid log levels are "
                                        + String.join(", ", LogLevels.NAMES));
            }
            case Change.APPEND -> {
                return invalid("APPEND operation is not allowed for the BROKER_LOGGER resource");
            }
            case Change.SUBTRACT -> {
                return invalid("SUBTRACT operation is not allowed for the BROKER_LOGGER resource");
            }
            default -> {
                return invalid("Unknown operation type " + change.operation()
                        + " is not allowed for the BROKER_LOGGER resource");
            }
        }
    }

    private static Objection invalid(String message) {
        return new Objection(ErrorCode.INVALID_REQUEST, message);
    }
}
