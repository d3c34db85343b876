package io.gregor.broker.api.cluster;

import io.gregor.broker.cluster.ClusterInfo;
import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.Listener;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.wire.message.DescribeClusterRequest;
import io.gregor.wire.message.DescribeClusterResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.List;

/**
 * The brokers of the cluster, or its controllers.
 *
 * <p>Version 1: the client says whether it asks for brokers (1) or controllers (2); a listener answers for those that
 * it is for, with MISMATCHED_ENDPOINT_TYPE otherwise (KIP-919). 2: fenced brokers, of which there are none here.
 */
public record DescribeClusterHandler(ClusterInfo cluster, ClusterMetadata metadata)
        implements ApiHandler<DescribeClusterRequest, DescribeClusterResponse> {
    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;
    /** 3.7-IV0: before it controllers do not register, and so cannot be described. */
    private static final short FIRST_WITH_CONTROLLERS = 15;

    @Override
    public void handle(RequestContext context, DescribeClusterRequest request, Reply<DescribeClusterResponse> reply) {
        boolean atController = cluster.forControllers().contains(context.listener());
        if (atController && metadata.image().metadataVersion() < FIRST_WITH_CONTROLLERS) {
            reply.send(new DescribeClusterResponse()
                    .errorCode(ErrorCode.UNSUPPORTED_VERSION.code())
                    .errorMessage(
                            "Direct-to-controller communication is not supported with the current MetadataVersion."));
            return;
        }
        byte answered = atController ? CONTROLLERS : BROKERS;
        if (request.endpointType() != answered) {
            boolean known = request.endpointType() == CONTROLLERS || request.endpointType() == BROKERS;
            ErrorCode error = known ? ErrorCode.MISMATCHED_ENDPOINT_TYPE : ErrorCode.UNSUPPORTED_ENDPOINT_TYPE;
            String message = known
                    ? "The request was sent to an endpoint of type " + name(answered)
                            + ", but we wanted an endpoint of type " + name(request.endpointType())
                    : "Unsupported endpoint type " + request.endpointType();
            reply.send(new DescribeClusterResponse().errorCode(error.code()).errorMessage(message));
            return;
        }
        Listener address = cluster.reachableThrough(context.listener());
        reply.send(new DescribeClusterResponse()
                .errorMessage(null)
                .endpointType(answered)
                .clusterId(cluster.clusterId())
                .controllerId(cluster.nodeId())
                .clusterAuthorizedOperations(
                        request.includeClusterAuthorizedOperations()
                                ? context.operationsOnCluster()
                                : Integer.MIN_VALUE)
                .brokers(List.of(new DescribeClusterResponse.DescribeClusterBroker()
                        .brokerId(cluster.nodeId())
                        .host(address.host())
                        .port(address.port())
                        .rack(cluster.rack()))));
    }

    private static String name(byte type) {
        return type == BROKERS ? "BROKER" : "CONTROLLER";
    }
}
