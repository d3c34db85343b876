package io.gregor.broker.api;

import io.gregor.broker.config.Listener;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.wire.message.DescribeClusterRequest;
import io.gregor.wire.message.DescribeClusterResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.List;

/**
 * The brokers of the cluster.
 *
 * <p>Version 1: the client says whether it asks for brokers (1) or controllers (2); a broker's listener answers for
 * brokers only, with MISMATCHED_ENDPOINT_TYPE otherwise (KIP-919). 2: fenced brokers, of which there are none here.
 */
public final class DescribeCluster implements ApiHandler<DescribeClusterRequest, DescribeClusterResponse> {
    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;

    private final ClusterInfo cluster;

    public DescribeCluster(ClusterInfo cluster) {
        this.cluster = cluster;
    }

    @Override
    public void handle(RequestContext context, DescribeClusterRequest request, Reply<DescribeClusterResponse> reply) {
        if (request.endpointType() != BROKERS) {
            boolean known = request.endpointType() == CONTROLLERS;
            ErrorCode error = known ? ErrorCode.MISMATCHED_ENDPOINT_TYPE : ErrorCode.UNSUPPORTED_ENDPOINT_TYPE;
            String message = known
                    ? "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER"
                    : "Unsupported endpoint type " + request.endpointType();
            reply.send(new DescribeClusterResponse().errorCode(error.code()).errorMessage(message));
            return;
        }
        Listener address = cluster.reachableThrough(context.listener());
        reply.send(new DescribeClusterResponse()
                .clusterId(cluster.clusterId())
                .controllerId(cluster.nodeId())
                .clusterAuthorizedOperations(
                        request.includeClusterAuthorizedOperations()
                                ? ClusterInfo.CLUSTER_OPERATIONS
                                : Integer.MIN_VALUE)
                .brokers(List.of(new DescribeClusterResponse.DescribeClusterBroker()
                        .brokerId(cluster.nodeId())
                        .host(address.host())
                        .port(address.port())
                        .rack(cluster.rack()))));
    }
}
