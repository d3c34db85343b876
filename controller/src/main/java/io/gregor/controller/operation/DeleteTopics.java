package io.gregor.controller.operation;

import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MutationQuota;
import io.gregor.controller.TopicImage;
import io.gregor.wire.ApiError;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.DeleteTopicsRequest;
import io.gregor.wire.message.DeleteTopicsResponse;
import io.gregor.wire.message.DeleteTopicsResponse.DeletableTopicResult;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.RemoveTopicRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Deletes topics by name (all versions) or by id (6 and later), each for itself. Pure. Version 5 refuses what exceeds a
 * quota (KIP-599).
 *
 * @param enabled {@code delete.topic.enable}; if not: INVALID_REQUEST up to version 2, then TOPIC_DELETION_DISABLED
 */
public record DeleteTopics(MutationQuota.Source quotas, boolean enabled)
        implements Operation<DeleteTopicsRequest, DeleteTopicsResponse> {
    private static final int FIRST_VERSION_WITH_DELETION_DISABLED = 3;
    private static final int FIRST_VERSION_WITH_STRICT_QUOTAS = 5;

    @Override
    public ControllerResult<DeleteTopicsResponse> decide(
            MetadataImage image, DeleteTopicsRequest request, ControllerContext context) {
        if (!enabled) {
            ErrorCode error = context.version() < FIRST_VERSION_WITH_DELETION_DISABLED
                    ? ErrorCode.INVALID_REQUEST
                    : ErrorCode.TOPIC_DELETION_DISABLED;
            return new ControllerResult<>(List.of(), refused(request, ApiError.of(error)));
        }
        List<DeletableTopicResult> results = new ArrayList<>();
        Set<Uuid> suppliedTwice = new HashSet<>();
        Map<Uuid, DeletableTopicResult> doomed = doomed(image, wanted(request), results, suppliedTwice);
        MutationQuota quota = quotas.of(context.clientId(), context.version() >= FIRST_VERSION_WITH_STRICT_QUOTAS);
        List<Message> records = new ArrayList<>();
        doomed.forEach((id, result) -> {
            results.add(result);
            TopicImage topic = image.topic(id);
            if (topic == null || suppliedTwice.contains(id)) {
                result.errorCode(ErrorCode.INVALID_REQUEST.code())
                        .errorMessage("The provided topic name maps to an ID that was already supplied.");
            } else if (quota.take(topic.partitions().size())) {
                records.add(new RemoveTopicRecord().topicId(id));
            } else {
                result.errorCode(ErrorCode.THROTTLING_QUOTA_EXCEEDED.code());
            }
        });
        return new ControllerResult<>(
                records, new DeleteTopicsResponse().responses(results).throttleTimeMs(quota.throttleMs()));
    }

    /**
     * Finds the topics that are there, each once.
     *
     * @param results gets what cannot be deleted
     * @param suppliedTwice gets the ids that came twice, or together with the name of their topic
     */
    private static Map<Uuid, DeletableTopicResult> doomed(
            MetadataImage image,
            List<DeleteTopicsRequest.DeleteTopicState> wanted,
            List<DeletableTopicResult> results,
            Set<Uuid> suppliedTwice) {
        Map<Object, Integer> occurrences = new HashMap<>();
        wanted.stream()
                .filter(DeleteTopics::isNameOrId)
                .forEach(topic -> occurrences.merge(nameOrId(topic), 1, Integer::sum));
        Set<Object> twice = new HashSet<>();
        Map<Uuid, DeletableTopicResult> doomed = new LinkedHashMap<>();
        for (DeleteTopicsRequest.DeleteTopicState topic : wanted) {
            if (isNameOrId(topic) && occurrences.getOrDefault(nameOrId(topic), 0) > 1) {
                if (twice.add(nameOrId(topic))) {
                    String message = topic.name() == null ? "Duplicate topic id." : "Duplicate topic name.";
                    results.add(refused(topic.name(), topic.topicId(), ErrorCode.INVALID_REQUEST, message));
                    suppliedTwice.add(topic.topicId());
                }
                continue;
            }
            DeletableTopicResult result = decide(image, topic);
            if (result.errorCode() != ErrorCode.NONE.code()) {
                results.add(result);
            } else if (doomed.put(result.topicId(), result) != null) {
                suppliedTwice.add(result.topicId());
            }
        }
        return doomed;
    }

    /** A topic that is named both ways or not at all is refused for itself, and counts for no other. */
    private static boolean isNameOrId(DeleteTopicsRequest.DeleteTopicState topic) {
        return topic.name() == null != topic.topicId().equals(Uuid.ZERO);
    }

    private static Object nameOrId(DeleteTopicsRequest.DeleteTopicState topic) {
        String name = topic.name();
        return name == null ? topic.topicId() : name;
    }

    @Override
    public DeleteTopicsResponse refused(DeleteTopicsRequest request, ApiError error) {
        return new DeleteTopicsResponse()
                .responses(wanted(request).stream()
                        .map(topic -> refused(topic.name(), topic.topicId(), error.code(), error.message()))
                        .toList());
    }

    private static List<DeleteTopicsRequest.DeleteTopicState> wanted(DeleteTopicsRequest request) {
        List<DeleteTopicsRequest.DeleteTopicState> wanted = new ArrayList<>(request.topics());
        request.topicNames().forEach(name -> wanted.add(new DeleteTopicsRequest.DeleteTopicState().name(name)));
        return wanted;
    }

    private static DeletableTopicResult decide(MetadataImage image, DeleteTopicsRequest.DeleteTopicState wanted) {
        String name = wanted.name();
        boolean byId = !wanted.topicId().equals(Uuid.ZERO);
        if (name == null && !byId) {
            return refused(
                    null, wanted.topicId(), ErrorCode.INVALID_REQUEST, "Neither topic name nor id were specified.");
        }
        if (name != null && byId) {
            return refused(
                    name,
                    wanted.topicId(),
                    ErrorCode.INVALID_REQUEST,
                    "You may not specify both topic name and topic id.");
        }
        TopicImage topic = name == null ? image.topic(wanted.topicId()) : image.topic(name);
        if (topic == null) {
            ErrorCode error = name == null ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
            return refused(name, wanted.topicId(), error, error.message());
        }
        return new DeletableTopicResult().name(topic.name()).topicId(topic.id());
    }

    private static DeletableTopicResult refused(
            @Nullable String name, Uuid id, ErrorCode error, @Nullable String message) {
        return new DeletableTopicResult()
                .name(name)
                .topicId(id)
                .errorCode(error.code())
                .errorMessage(message);
    }
}
