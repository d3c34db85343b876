package io.gregor.broker.api.cluster;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.ReassignPartitions;
import io.gregor.wire.message.AlterPartitionReassignmentsRequest;
import io.gregor.wire.message.AlterPartitionReassignmentsResponse;

/** Moves partitions to other brokers (KIP-455); see {@link ReassignPartitions}. */
public record AlterPartitionReassignmentsHandler(ClusterMetadata metadata, int nodeId)
        implements ApiHandler<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse> {
    @Override
    public void handle(
            RequestContext context,
            AlterPartitionReassignmentsRequest request,
            Reply<AlterPartitionReassignmentsResponse> reply) {
        reply.send(ReassignPartitions.decide(metadata.image(), request, nodeId));
    }
}
