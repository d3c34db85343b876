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
                partitions.add(elect(topic.topic(), index).partitionId(index));
            }
            results.add(new ReplicaElectionResult().topic(topic.topic()).partitionResult(partitions));
        }
        reply.send(new ElectLeadersResponse().replicaElectionResults(results));
    }

    private PartitionResult elect(String topic, int partition) {
        ErrorCode error = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        String message;
        if (lookup.find(topic, partition).partition() != null) {
            error = ErrorCode.ELECTION_NOT_NEEDED;
            message = error.message();
        } else if (lookup.image().topic(topic) == null) {
            message = "No such topic as " + topic;
        } else {
            message = "No such partition as " + topic + "-" + partition;
        }
        return new PartitionResult().errorCode(error.code()).errorMessage(message);
    }
}
