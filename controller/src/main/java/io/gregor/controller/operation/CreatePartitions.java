package io.gregor.controller.operation;

import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MutationQuota;
import io.gregor.controller.TopicImage;
import io.gregor.wire.ApiError;
import io.gregor.wire.Message;
import io.gregor.wire.message.CreatePartitionsRequest;
import io.gregor.wire.message.CreatePartitionsRequest.CreatePartitionsTopic;
import io.gregor.wire.message.CreatePartitionsResponse;
import io.gregor.wire.message.CreatePartitionsResponse.CreatePartitionsTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Adds partitions to topics, each topic for itself. Pure. A topic for which the request would add more than 10,000
 * partitions in sum is refused with POLICY_VIOLATION, since a controller stores no larger change. Version 3
 * refuses what exceeds a quota (KIP-599).
 */
public record CreatePartitions(NodeSettings node, MutationQuota.Source quotas)
        implements Operation<CreatePartitionsRequest, CreatePartitionsResponse> {
    private static final int FIRST_VERSION_WITH_STRICT_QUOTAS = 3;

    @Override
    public ControllerResult<CreatePartitionsResponse> decide(
            MetadataImage image, CreatePartitionsRequest request, ControllerContext context) {
        MutationQuota quota = quotas.of(context.clientId(), context.version() >= FIRST_VERSION_WITH_STRICT_QUOTAS);
        List<Message> records = new ArrayList<>();
        List<CreatePartitionsTopicResult> results = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Set<String> twice = new HashSet<>();
        request.topics().stream()
                .map(CreatePartitionsTopic::name)
                .filter(name -> !seen.add(name))
                .forEach(twice::add);
        twice.forEach(name -> results.add(result(name, ErrorCode.INVALID_REQUEST, "Duplicate topic name.")));
        int room = CreateTopics.PARTITIONS_MAX;
        for (CreatePartitionsTopic wanted : request.topics()) {
            if (!twice.contains(wanted.name())) {
                List<Message> own = new ArrayList<>();
                results.add(decide(image, wanted, room, quota, own));
                room -= own.size();
                if (!request.validateOnly()) {
                    records.addAll(own);
                }
            }
        }
        return new ControllerResult<>(
                records, new CreatePartitionsResponse().results(results).throttleTimeMs(quota.throttleMs()));
    }

    @Override
    public CreatePartitionsResponse refused(CreatePartitionsRequest request, ApiError error) {
        return new CreatePartitionsResponse()
                .results(request.topics().stream()
                        .map(topic -> result(topic.name(), error.code(), error.message()))
                        .toList());
    }

    private CreatePartitionsTopicResult decide(
            MetadataImage image, CreatePartitionsTopic wanted, int room, MutationQuota quota, List<Message> records) {
        String name = wanted.name();
        TopicImage topic = image.topic(name);
        if (topic == null) {
            return result(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null);
        }
        int before = topic.partitions().size();
        if (wanted.count() == before) {
            return result(name, ErrorCode.INVALID_PARTITIONS, "Topic already has " + before + " partition(s).");
        }
        if (wanted.count() < before) {
            return result(
                    name,
                    ErrorCode.INVALID_PARTITIONS,
                    "The topic " + name + " currently has " + before + " partition(s); " + wanted.count()
                            + " would not be an increase.");
        }
        List<CreatePartitionsRequest.CreatePartitionsAssignment> assignments = wanted.assignments();
        if (assignments != null) {
            if (assignments.size() != wanted.count() - before) {
                return result(
                        name,
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "Attempted to add " + (wanted.count() - before) + " additional partition(s), but only "
                                + assignments.size() + " assignment(s) were specified.");
            }
        }
        if (wanted.count() - before > room) {
            return result(name, ErrorCode.POLICY_VIOLATION, "Unable to perform excessively large batch operation.");
        }
        if (!quota.take(wanted.count() - before)) {
            return result(name, ErrorCode.THROTTLING_QUOTA_EXCEEDED, null);
        }
        if (assignments != null) {
            for (CreatePartitionsRequest.CreatePartitionsAssignment assignment : assignments) {
                String objection = ReplicaAssignments.objection(assignment.brokerIds(), node.nodeId());
                if (objection != null) {
                    return result(name, ErrorCode.INVALID_REPLICA_ASSIGNMENT, objection);
                }
            }
        } else if (image.hasCordonedLogDirs() && node.allCordoned().getAsBoolean()) {
            return result(name, ErrorCode.INVALID_REPLICATION_FACTOR, ReplicaAssignments.ALL_CORDONED);
        }
        for (int i = before; i < wanted.count(); i++) {
            records.add(CreateTopics.newPartition(topic.id(), i, node.nodeId()));
        }
        return result(name, ErrorCode.NONE, null);
    }

    private static CreatePartitionsTopicResult result(String name, ErrorCode error, @Nullable String message) {
        return new CreatePartitionsTopicResult()
                .name(name)
                .errorCode(error.code())
                .errorMessage(message);
    }
}
