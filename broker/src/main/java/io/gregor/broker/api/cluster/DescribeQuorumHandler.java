package io.gregor.broker.api.cluster;

import io.gregor.broker.cluster.ClusterInfo;
import io.gregor.broker.cluster.LocalController;
import io.gregor.broker.config.Listener;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.TopicNames;
import io.gregor.wire.message.DescribeQuorumRequest;
import io.gregor.wire.message.DescribeQuorumResponse;
import io.gregor.wire.message.DescribeQuorumResponse.PartitionData;
import io.gregor.wire.message.DescribeQuorumResponse.ReplicaState;
import io.gregor.wire.message.DescribeQuorumResponse.TopicData;
import io.gregor.wire.message.ErrorCode;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Who votes on the cluster's metadata (KIP-595): this node, and nobody else. Only {@code __cluster_metadata-0} has a
 * quorum; anything else is UNKNOWN_TOPIC_OR_PARTITION.
 *
 * <p>Version 1: when voters were seen (KIP-836). 2: the nodes and their listeners (KIP-853).
 */
public record DescribeQuorumHandler(ClusterInfo cluster, LocalController controller, InstantSource clock)
        implements ApiHandler<DescribeQuorumRequest, DescribeQuorumResponse> {
    private static final int FIRST_VERSION_WITH_NODES = 2;

    @Override
    public void handle(RequestContext context, DescribeQuorumRequest request, Reply<DescribeQuorumResponse> reply) {
        boolean known = request.topics().size() == 1
                && request.topics().get(0).topicName().equals(TopicNames.METADATA)
                && request.topics().get(0).partitions().size() == 1
                && request.topics().get(0).partitions().get(0).partitionIndex() == 0;
        List<TopicData> topics = new ArrayList<>();
        for (DescribeQuorumRequest.TopicData topic : request.topics()) {
            List<PartitionData> partitions = new ArrayList<>();
            for (DescribeQuorumRequest.PartitionData partition : topic.partitions()) {
                partitions.add(known ? quorum() : unknown(partition.partitionIndex()));
            }
            topics.add(new TopicData().topicName(topic.topicName()).partitions(partitions));
        }
        reply.send(new DescribeQuorumResponse()
                .topics(topics)
                .nodes(known && context.version() >= FIRST_VERSION_WITH_NODES ? List.of(node()) : List.of()));
    }

    private DescribeQuorumResponse.Node node() {
        return new DescribeQuorumResponse.Node()
                .nodeId(cluster.nodeId())
                .listeners(cluster.forControllers().stream()
                        .map(name -> {
                            Listener listener = cluster.reachableThrough(name);
                            return new DescribeQuorumResponse.Listener()
                                    .name(name)
                                    .host(listener.host())
                                    .port(listener.port());
                        })
                        .toList());
    }

    private static PartitionData unknown(int index) {
        return new PartitionData()
                .partitionIndex(index)
                .errorCode(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code())
                .errorMessage(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.message());
    }

    private PartitionData quorum() {
        long end = controller.logEndOffset();
        long now = clock.millis();
        return new PartitionData()
                .leaderId(cluster.nodeId())
                .leaderEpoch(controller.epoch())
                .highWatermark(end)
                .currentVoters(List.of(new ReplicaState()
                        .replicaId(cluster.nodeId())
                        .logEndOffset(end)
                        .lastFetchTimestamp(now)
                        .lastCaughtUpTimestamp(now)));
    }
}
