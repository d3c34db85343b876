package io.gregor.broker.api.cluster;

import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.wire.message.ElectLeadersRequest;
import io.gregor.wire.message.ElectLeadersRequest.TopicPartitions;
import io.gregor.wire.message.ElectLeadersResponse;
import io.gregor.wire.message.ElectLeadersResponse.PartitionResult;
import io.gregor.wire.message.ElectLeadersResponse.ReplicaElectionResult;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/**
 * Has leaders elected (KIP-183, KIP-460). The only broker leads all partitions already: ELECTION_NOT_NEEDED, which is
 * not told of if all were asked for.
 */
public record ElectLeadersHandler(PartitionLookup lookup)
        implements ApiHandler<ElectLeadersRequest, ElectLeadersResponse> {
    private static final byte PREFERRED = 0;

    @Override
    public void handle(RequestContext context, ElectLeadersRequest request, Reply<ElectLeadersResponse> reply) {
        List<ReplicaElectionResult> results = new ArrayList<>();
        List<TopicPartitions> wanted = request.topicPartitions();
        if (wanted == null) {
            lookup.image()
                    .topicsByName()
                    .keySet()
                    .forEach(name -> results.add(new ReplicaElectionResult().topic(name)));
            reply.send(new ElectLeadersResponse().replicaElectionResults(results));
            return;
        }
        for (TopicPartitions topic : wanted) {
            List<PartitionResult> partitions = new ArrayList<>();
            for (int index : topic.partitions()) {
                partitions.add(
                        elect(topic.topic(), index, request.electionType()).partitionId(index));
            }
            results.add(new ReplicaElectionResult().topic(topic.topic()).partitionResult(partitions));
        }
        reply.send(new ElectLeadersResponse().replicaElectionResults(results));
    }

    /** A leader whose log directory is offline counts as none, and nobody can take its place. */
    private PartitionResult elect(String topic, int partition, byte electionType) {
        PartitionLookup.Found found = lookup.find(topic, partition);
        if (found.exists()) {
            ErrorCode unavailable = electionType == PREFERRED
                    ? ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE
                    : ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE;
            ErrorCode error =
                    found instanceof PartitionLookup.Found.Offline ? unavailable : ErrorCode.ELECTION_NOT_NEEDED;
            return new PartitionResult().errorCode(error.code()).errorMessage(error.message());
        }
        String message = lookup.image().topic(topic) == null
                ? "No such topic as " + topic
                : "No such partition as " + topic + "-" + partition;
        return new PartitionResult()
                .errorCode(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code())
                .errorMessage(message);
    }
}
