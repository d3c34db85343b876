package io.gregor.broker.api.group;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.AnswersByTopic;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.TopicImage;
import io.gregor.coordinator.group.offset.DeleteOffsets;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.OffsetDeleteRequest;
import io.gregor.wire.message.OffsetDeleteRequest.OffsetDeleteRequestPartition;
import io.gregor.wire.message.OffsetDeleteRequest.OffsetDeleteRequestTopic;
import io.gregor.wire.message.OffsetDeleteResponse;
import io.gregor.wire.message.OffsetDeleteResponse.OffsetDeleteResponsePartition;
import io.gregor.wire.message.OffsetDeleteResponse.OffsetDeleteResponseTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Deletes what a group committed for partitions (KIP-496); see {@link DeleteOffsets}. Partitions that do not exist get
 * UNKNOWN_TOPIC_OR_PARTITION, those of topics that the client may not read TOPIC_AUTHORIZATION_FAILED.
 */
public record OffsetDeleteHandler(CoordinatorShards<GroupShard> groups, PartitionLookup lookup)
        implements ApiHandler<OffsetDeleteRequest, OffsetDeleteResponse> {
    @Override
    public void handle(RequestContext context, OffsetDeleteRequest request, Reply<OffsetDeleteResponse> reply) {
        AnswersByTopic<String, OffsetDeleteResponseTopic, OffsetDeleteResponsePartition> answers =
                new AnswersByTopic<>(OffsetDeleteResponseTopic::name, OffsetDeleteResponseTopic::partitions);
        Predicate<String> allowed = context.allowing(AclOperation.READ, ResourceType.TOPIC);
        List<OffsetDeleteRequestTopic> known = new ArrayList<>();
        for (OffsetDeleteRequestTopic topic : request.topics()) {
            boolean refused = !allowed.test(topic.name());
            ErrorCode error = refused ? ErrorCode.TOPIC_AUTHORIZATION_FAILED : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
            TopicImage found = refused ? null : lookup.image().topic(topic.name());
            List<OffsetDeleteRequestPartition> there = new ArrayList<>();
            List<OffsetDeleteResponsePartition> missing = new ArrayList<>();
            for (OffsetDeleteRequestPartition partition : topic.partitions()) {
                if (found != null && found.partition(partition.partitionIndex()) != null) {
                    there.add(partition);
                } else {
                    missing.add(new OffsetDeleteResponsePartition()
                            .partitionIndex(partition.partitionIndex())
                            .errorCode(error.code()));
                }
            }
            if (!there.isEmpty()) {
                known.add(new OffsetDeleteRequestTopic().name(topic.name()).partitions(there));
            }
            if (!missing.isEmpty() || found == null) {
                answers.add(new OffsetDeleteResponseTopic().name(topic.name()).partitions(missing));
            }
        }
        request.topics(known);
        groups.ask(
                request.groupId(),
                (shard, answer) -> shard.deleteOffsets().handle(request, answer),
                error -> new OffsetDeleteResponse().errorCode(error.code()),
                response -> {
                    if (response.errorCode() == ErrorCode.NONE.code()) {
                        response.topics(answers.with(response.topics()));
                    }
                    reply.send(response);
                });
    }
}
