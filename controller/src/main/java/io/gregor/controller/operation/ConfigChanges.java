package io.gregor.controller.operation;

import io.gregor.controller.ConfigResource;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.ApiError;
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
 * Decides on new configurations of resources, each for itself: one that is refused does not hold up the others, and
 * none is changed in part. Pure.
 */
record ConfigChanges(ConfigRules rules) {
    private static final int LONGEST_VALUE = Short.MAX_VALUE;

    /** A change of one configuration; the numbers are those of the protocol (KIP-339). */
    record Change(String name, byte operation, @Nullable String value) {
        static final byte SET = 0;
        static final byte DELETE = 1;
        static final byte APPEND = 2;
        static final byte SUBTRACT = 3;
    }

    /**
     * The changes of one resource.
     *
     * @param replaces whether configurations that are not named are removed
     */
    record Wanted(ConfigResource resource, List<Change> changes, boolean replaces) {}

    /**
     * Decides on all resources, until there are more records than can be stored.
     *
     * @param records where those go that make the changes
     * @return an error for each resource, in order, {@link ApiError#NONE} if it can be changed
     */
    List<ApiError> decide(MetadataImage image, List<Wanted> all, boolean validateOnly, List<Message> records) {
        List<ApiError> results = new ArrayList<>();
        Set<ConfigResource> seen = new HashSet<>();
        Set<ConfigResource> twice = new HashSet<>();
        all.stream().map(Wanted::resource).filter(one -> !seen.add(one)).forEach(twice::add);
        for (Wanted wanted : all) {
            if (records.size() > Operation.RECORDS_MAX) {
                break;
            }
            List<Message> own = new ArrayList<>();
            ApiError error = twice.contains(wanted.resource())
                    ? invalid("Each resource must appear at most once.")
                    : decide(image, wanted, own);
            if (error == null && !validateOnly) {
                records.addAll(own);
            }
            results.add(error == null ? ApiError.NONE : error);
        }
        records.addAll(EligibleLeaderReplicas.cleared(image, records));
        return results;
    }

    private static ApiError invalid(String message) {
        return new ApiError(ErrorCode.INVALID_REQUEST, message);
    }

    private @Nullable ApiError decide(MetadataImage image, Wanted wanted, List<Message> records) {
        Set<String> names = new HashSet<>();
        wanted.changes().forEach(change -> names.add(change.name()));
        ApiError malformed = checkForm(wanted, names);
        if (malformed != null) {
            return malformed;
        }
        ConfigResource resource = wanted.resource();
        Map<String, String> before = image.configOf(resource);
        Map<String, String> after = new HashMap<>(before);
        if (wanted.replaces()) {
            after.keySet().retainAll(names);
        }
        for (Change change : wanted.changes()) {
            ApiError error = apply(image, resource, change, after);
            if (error != null) {
                return error;
            }
        }
        ApiError error = rules.check(image, resource, before, after);
        if (error == null) {
            error = EligibleLeaderReplicas.objection(image, wanted, before, after);
        }
        if (error != null) {
            return error;
        }
        if (resource.type() == ConfigResource.TOPIC && image.topic(resource.name()) == null) {
            return new ApiError(
                    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "The topic '" + resource.name() + "' does not exist.");
        }
        difference(resource, before, after, records);
        return null;
    }

    /** Refuses what no resource could have; in Kafka's order. */
    private @Nullable ApiError checkForm(Wanted wanted, Set<String> names) {
        if (names.size() < wanted.changes().size()) {
            return invalid("Error due to duplicate config keys");
        }
        List<String> withoutValue = wanted.changes().stream()
                .filter(change -> change.operation() != Change.DELETE && change.value() == null)
                .map(Change::name)
                .toList();
        if (!withoutValue.isEmpty()) {
            return invalid("Null value not supported for : " + String.join(", ", withoutValue));
        }
        ApiError unsupported = rules.check(wanted.resource());
        if (unsupported != null) {
            return unsupported;
        }
        for (Change change : wanted.changes()) {
            if (change.operation() < Change.SET || change.operation() > Change.SUBTRACT) {
                return invalid("Unknown operations type " + change.operation());
            }
        }
        return null;
    }

    private @Nullable ApiError apply(
            MetadataImage image, ConfigResource resource, Change change, Map<String, String> configs) {
        String value = Objects.requireNonNullElse(change.value(), "");
        switch (change.operation()) {
            case Change.SET -> configs.put(change.name(), value);
            case Change.DELETE -> configs.remove(change.name());
            default -> {
                String byDefault = rules.listDefault(image, resource, change.name());
                if (byDefault == null) {
                    boolean appends = change.operation() == Change.APPEND;
                    return new ApiError(ErrorCode.INVALID_CONFIG, rules.noList(resource, change.name(), appends));
                }
                String now = configs.getOrDefault(change.name(), byDefault);
                List<String> before = now.isEmpty() ? List.of() : Arrays.asList(now.split(",", -1));
                List<String> given = Arrays.asList(value.split(",", -1));
                List<String> after =
                        change.operation() == Change.APPEND ? appended(before, given) : subtracted(before, given);
                configs.put(change.name(), String.join(",", after));
            }
        }
        return configs.getOrDefault(change.name(), "").length() > LONGEST_VALUE
                ? new ApiError(
                        ErrorCode.INVALID_CONFIG,
                        "The configuration value cannot be added because it exceeds the" + " maximum value size of "
                                + LONGEST_VALUE + " bytes.")
                : null;
    }

    private static List<String> appended(List<String> list, List<String> more) {
        List<String> after = new ArrayList<>(list);
        Set<String> there = new HashSet<>(list);
        more.stream().filter(there::add).forEach(after::add);
        return after;
    }

    /** Each that is named takes out one that is equal, the first. */
    private static List<String> subtracted(List<String> list, List<String> less) {
        Map<String, Integer> counts = new HashMap<>();
        less.forEach(one -> counts.merge(one, 1, Integer::sum));
        List<String> after = new ArrayList<>();
        for (String one : list) {
            int left = counts.getOrDefault(one, 0);
            if (left == 0) {
                after.add(one);
            } else {
                counts.put(one, left - 1);
            }
        }
        return after;
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
