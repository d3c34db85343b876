package io.gregor.controller;

import io.gregor.wire.Message;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes configurations of topics and brokers, each resource for itself: one that is refused does not hold up the
 * others, and none is changed in part. Pure.
 */
public record AlterConfigs(Rules rules) {
    private static final int LONGEST_VALUE = Short.MAX_VALUE;

    /** What is to become of one configuration; the numbers are those of the protocol (KIP-339). */
    public record Change(
            String name, byte operation, @Nullable String value) {
        public static final byte SET = 0;
        public static final byte DELETE = 1;
        public static final byte APPEND = 2;
        public static final byte SUBTRACT = 3;
    }

    /**
     * What is to become of a resource.
     *
     * @param replaces whether configurations that are not named go
     */
    public record Request(ConfigResource resource, List<Change> changes, boolean replaces) {}

    /** What became of a resource. */
    public record Result(
            ConfigResource resource,
            ErrorCode error,
            @Nullable String message) {}

    /** What the broker knows of configurations. */
    public interface Rules {
        /** Why there is nothing to configure on such a resource, or null if there may be. */
        @Nullable
        Objection objection(ConfigResource resource);

        /** Why the resource cannot have these configurations after what it had before, or null if it can. */
        @Nullable
        Objection objection(ConfigResource resource, Map<String, String> before, Map<String, String> configs);

        /** The value that a list has if it was never set, or null if it is no list. */
        @Nullable
        String listDefault(ConfigResource resource, String name);
    }

    public record Objection(ErrorCode error, @Nullable String message) {}

    /** The results come in the order of the requests. */
    public Decision<List<Result>> decide(MetadataImage image, List<Request> requests, boolean validateOnly) {
        List<Message> records = new ArrayList<>();
        List<Result> results = new ArrayList<>();
        Set<ConfigResource> seen = new HashSet<>();
        Set<ConfigResource> twice = new HashSet<>();
        requests.stream().map(Request::resource).filter(one -> !seen.add(one)).forEach(twice::add);
        for (Request request : requests) {
            List<Message> own = new ArrayList<>();
            Objection objection = twice.contains(request.resource())
                    ? invalid("Each resource must appear at most once.")
                    : decide(image, request, own);
            if (objection == null && !validateOnly) {
                records.addAll(own);
            }
            results.add(new Result(
                    request.resource(),
                    objection == null ? ErrorCode.NONE : objection.error(),
                    objection == null ? null : objection.message()));
        }
        return new Decision<>(records, results);
    }

    private static Objection invalid(String message) {
        return new Objection(ErrorCode.INVALID_REQUEST, message);
    }

    private @Nullable Objection decide(MetadataImage image, Request request, List<Message> records) {
        Objection unsupported = rules.objection(request.resource());
        if (unsupported != null) {
            return unsupported;
        }
        Set<String> names = new HashSet<>();
        for (Change change : request.changes()) {
            if (!names.add(change.name())) {
                return invalid("Error due to duplicate config keys");
            }
            if (change.operation() < Change.SET || change.operation() > Change.SUBTRACT) {
                return invalid("Unknown operations type " + change.operation());
            }
            if (change.operation() != Change.DELETE && change.value() == null) {
                return invalid("Null value not supported for : " + change.name());
            }
        }
        ConfigResource resource = request.resource();
        Map<String, String> before = image.configOf(resource);
        Map<String, String> after = new HashMap<>(before);
        if (request.replaces()) {
            after.keySet().retainAll(names);
        }
        for (Change change : request.changes()) {
            Objection objection = apply(resource, change, after);
            if (objection != null) {
                return objection;
            }
        }
        Objection objection = rules.objection(resource, before, after);
        if (objection != null) {
            return objection;
        }
        if (resource.type() == ConfigResource.TOPIC && image.topic(resource.name()) == null) {
            return new Objection(
                    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "The topic '" + resource.name() + "' does not exist.");
        }
        difference(resource, before, after, records);
        return null;
    }

    private @Nullable Objection apply(ConfigResource resource, Change change, Map<String, String> configs) {
        String value = Objects.requireNonNullElse(change.value(), "");
        switch (change.operation()) {
            case Change.SET -> configs.put(change.name(), value);
            case Change.DELETE -> configs.remove(change.name());
            default -> {
                String byDefault = rules.listDefault(resource, change.name());
                if (byDefault == null) {
                    String operation = change.operation() == Change.APPEND ? "APPEND" : "SUBTRACT";
                    return new Objection(
                            ErrorCode.INVALID_CONFIG,
                            "Can't " + operation + " to key " + change.name() + " because its type is not LIST.");
                }
                String now = configs.getOrDefault(change.name(), byDefault);
                List<String> parts = new ArrayList<>(now.isEmpty() ? List.of() : Arrays.asList(now.split(",", -1)));
                for (String part : value.split(",", -1)) {
                    if (change.operation() == Change.SUBTRACT) {
                        parts.remove(part);
                    } else if (!parts.contains(part)) {
                        parts.add(part);
                    }
                }
                configs.put(change.name(), String.join(",", parts));
            }
        }
        return configs.getOrDefault(change.name(), "").length() > LONGEST_VALUE
                ? new Objection(
                        ErrorCode.INVALID_CONFIG,
                        "The configuration value cannot be added because it exceeds the" + " maximum value size of "
                                + LONGEST_VALUE + " bytes.")
                : null;
    }

    private static void difference(
            ConfigResource resource, Map<String, String> before, Map<String, String> after, List<Message> records) {
        Set<String> names = new HashSet<>(before.keySet());
        names.addAll(after.keySet());
        for (String name : names) {
            String value = after.get(name);
            if (!Objects.equals(before.get(name), value)) {
                records.add(new ConfigRecord()
                        .resourceType(resource.type())
                        .resourceName(resource.name())
                        .name(name)
                        .value(value));
            }
        }
    }
}
