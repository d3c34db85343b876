package io.gregor.broker.api.records;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.log.LeaderEpochs;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.OffsetForLeaderEpochRequest;
import io.gregor.wire.message.OffsetForLeaderEpochRequest.OffsetForLeaderPartition;
import io.gregor.wire.message.OffsetForLeaderEpochResponse;
import io.gregor.wire.message.OffsetForLeaderEpochResponse.EpochEndOffset;
import io.gregor.wire.message.OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Where the records of a leader epoch end (KIP-101, KIP-279): the largest epoch not above the requested one, and the
 * offset at which the next began. Nothing known is (-1, -1). Brokers may ask for all topics, and clients for those that
 * they may describe.
 */
public final class OffsetForLeaderEpochHandler
        implements ApiHandler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> {
    private final PartitionLookup lookup;

    public OffsetForLeaderEpochHandler(PartitionLookup lookup) {
        this.lookup = lookup;
    }

    @Override
    public void handle(
            RequestContext context, OffsetForLeaderEpochRequest request, Reply<OffsetForLeaderEpochResponse> reply) {
        Predicate<String> allowed =
                context.wouldAllow(AclOperation.CLUSTER_ACTION, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)
                        ? topic -> true
                        : context.allowing(AclOperation.DESCRIBE, ResourceType.TOPIC);
        List<OffsetForLeaderTopicResult> topics = new ArrayList<>();
        for (OffsetForLeaderEpochRequest.OffsetForLeaderTopic topic : request.topics()) {
            List<EpochEndOffset> partitions = topic.partitions().stream()
                    .map(partition ->
                            allowed.test(topic.topic()) ? answer(topic.topic(), partition) : refused(partition))
                    .toList();
            topics.add(new OffsetForLeaderTopicResult().topic(topic.topic()).partitions(partitions));
        }
        reply.send(new OffsetForLeaderEpochResponse().topics(topics));
    }

    private static EpochEndOffset refused(OffsetForLeaderPartition wanted) {
        return new EpochEndOffset()
                .partition(wanted.partition())
                .errorCode(ErrorCode.TOPIC_AUTHORIZATION_FAILED.code());
    }

    private EpochEndOffset answer(String topic, OffsetForLeaderPartition wanted) {
        EpochEndOffset answer = new EpochEndOffset().partition(wanted.partition());
        PartitionLookup.Found found = lookup.find(topic, wanted.partition());
        Partition partition = found.partition();
        if (partition == null) {
            return answer.errorCode(found.error().code());
        }
        ErrorCode error = PartitionLookup.checkEpoch(partition, wanted.currentLeaderEpoch());
        if (error != ErrorCode.NONE) {
            return answer.errorCode(error.code());
        }
        LeaderEpochs.End end = partition
                .log()
                .epochs()
                .endOf(wanted.leaderEpoch(), partition.view().endOffset());
        return answer.leaderEpoch(end.epoch()).endOffset(end.offset());
    }
}
