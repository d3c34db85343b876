package io.gregor.controller.operation;

import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicImage;
import io.gregor.wire.ApiError;
import io.gregor.wire.message.AlterPartitionReassignmentsRequest;
import io.gregor.wire.message.AlterPartitionReassignmentsRequest.ReassignablePartition;
import io.gregor.wire.message.AlterPartitionReassignmentsRequest.ReassignableTopic;
import io.gregor.wire.message.AlterPartitionReassignmentsResponse;
import io.gregor.wire.message.AlterPartitionReassignmentsResponse.ReassignablePartitionResponse;
import io.gregor.wire.message.AlterPartitionReassignmentsResponse.ReassignableTopicResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Moves partitions to other brokers (KIP-455), of which there are none: the only assignment that is allowed is the one
 * that each partition has. Pure.
 */
public record ReassignPartitions(int nodeId)
        implements Operation<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse> {
    @Override
    public ControllerResult<AlterPartitionReassignmentsResponse> decide(
            MetadataImage image, AlterPartitionReassignmentsRequest request, ControllerContext context) {
        List<ReassignableTopicResponse> topics = new ArrayList<>();
        for (ReassignableTopic topic : request.topics()) {
            List<ReassignablePartitionResponse> partitions = new ArrayList<>();
            for (ReassignablePartition partition : topic.partitions()) {
                partitions.add(decide(topic.name(), image.topic(topic.name()), partition));
            }
            topics.add(new ReassignableTopicResponse().name(topic.name()).partitions(partitions));
        }
        return new ControllerResult<>(
                List.of(),
                new AlterPartitionReassignmentsResponse()
                        .errorMessage(topics.isEmpty() ? "" : null)
                        .allowReplicationFactorChange(topics.isEmpty() || request.allowReplicationFactorChange())
                        .responses(topics));
    }

    @Override
    public AlterPartitionReassignmentsResponse refused(AlterPartitionReassignmentsRequest request, ApiError error) {
        return new AlterPartitionReassignmentsResponse()
                .errorCode(error.code().code())
                .errorMessage(error.message());
    }

    private ReassignablePartitionResponse decide(
            String name, @Nullable TopicImage topic, ReassignablePartition wanted) {
        ReassignablePartitionResponse response = new ReassignablePartitionResponse()
                .partitionIndex(wanted.partitionIndex())
                .errorMessage(null);
        if (topic == null) {
            return refused(
                    response, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "Unable to find a topic named " + name + ".");
        }
        if (topic.partition(wanted.partitionIndex()) == null) {
            return refused(
                    response,
                    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                    "Unable to find partition " + name + ":" + wanted.partitionIndex() + ".");
        }
        List<Integer> replicas = wanted.replicas();
        if (replicas == null) {
            return refused(response, ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, null);
        }
        String objection = ReplicaAssignments.objection(replicas, nodeId);
        return objection == null ? response : refused(response, ErrorCode.INVALID_REPLICA_ASSIGNMENT, objection);
    }

    private static ReassignablePartitionResponse refused(
            ReassignablePartitionResponse response, ErrorCode error, @Nullable String message) {
        return response.errorCode(error.code()).errorMessage(message);
    }
}
