package io.gregor.broker.api.cluster;

import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.wire.message.ListPartitionReassignmentsRequest;
import io.gregor.wire.message.ListPartitionReassignmentsResponse;

/** Partitions on their way to other brokers (KIP-455): on one node none ever is. */
public record ListPartitionReassignmentsHandler()
        implements ApiHandler<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse> {
    @Override
    public void handle(
            RequestContext context,
            ListPartitionReassignmentsRequest request,
            Reply<ListPartitionReassignmentsResponse> reply) {
        reply.send(new ListPartitionReassignmentsResponse().errorMessage(null));
    }
}
