package io.gregor.controller;

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

/** Adds partitions to topics, each topic for itself. Pure. */
public final class CreatePartitions {
    private CreatePartitions() {}

    public static Decision<CreatePartitionsResponse> decide(
            MetadataImage image, CreatePartitionsRequest request, int brokerId, MutationQuota quota) {
        List<Message> records = new ArrayList<>();
        List<CreatePartitionsTopicResult> results = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Set<String> twice = new HashSet<>();
        request.topics().stream()
                .map(CreatePartitionsTopic::name)
                .filter(name -> !seen.add(name))
                .forEach(twice::add);
        twice.forEach(name -> results.add(result(name, ErrorCode.INVALID_REQUEST, "Duplicate topic name.")));
        for (CreatePartitionsTopic wanted : request.topics()) {
            if (!twice.contains(wanted.name())) {
                List<Message> own = new ArrayList<>();
                results.add(decide(image.topic(wanted.name()), wanted, brokerId, quota, own));
                if (!request.validateOnly()) {
                    records.addAll(own);
                }
            }
        }
        return new Decision<>(records, new CreatePartitionsResponse().results(results));
    }

    private static CreatePartitionsTopicResult decide(
            @Nullable TopicImage topic,
            CreatePartitionsTopic wanted,
            int brokerId,
            MutationQuota quota,
            List<Message> records) {
        String name = wanted.name();
        if (topic == null) {
            return result(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.message());
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
        if (!quota.take(wanted.count() - before)) {
            return result(name, ErrorCode.THROTTLING_QUOTA_EXCEEDED, null);
        }
        if (assignments != null) {
            for (CreatePartitionsRequest.CreatePartitionsAssignment assignment : assignments) {
                ReplicaAssignments.Objection objection = ReplicaAssignments.objection(assignment.brokerIds(), brokerId);
                if (objection != null) {
                    return result(name, ErrorCode.INVALID_REPLICA_ASSIGNMENT, objection.message());
                }
            }
        }
        for (int i = before; i < wanted.count(); i++) {
            records.add(CreateTopics.newPartition(topic.id(), i, brokerId));
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
