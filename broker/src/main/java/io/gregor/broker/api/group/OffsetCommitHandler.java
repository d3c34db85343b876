package io.gregor.broker.api.group;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.AnswersByTopic;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicImage;
import io.gregor.coordinator.group.offset.CommitOffsets;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.gregor.wire.message.OffsetCommitResponse;
import io.gregor.wire.message.OffsetCommitResponse.OffsetCommitResponsePartition;
import io.gregor.wire.message.OffsetCommitResponse.OffsetCommitResponseTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Commits offsets of partitions that exist and that the client may read; the others get TOPIC_AUTHORIZATION_FAILED,
 * UNKNOWN_TOPIC_OR_PARTITION, or from version 10 on, where topics are named by id, UNKNOWN_TOPIC_ID. The rest is up to
 * {@link CommitOffsets}.
 */
public final class OffsetCommitHandler implements ApiHandler<OffsetCommitRequest, OffsetCommitResponse> {
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 10;

    private final CoordinatorShards<GroupShard> groups;
    private final PartitionLookup lookup;

    public OffsetCommitHandler(CoordinatorShards<GroupShard> groups, PartitionLookup lookup) {
        this.groups = groups;
        this.lookup = lookup;
    }

    @Override
    public void handle(RequestContext context, OffsetCommitRequest request, Reply<OffsetCommitResponse> reply) {
        boolean byId = context.version() >= FIRST_VERSION_WITH_TOPIC_IDS;
        AnswersByTopic<Object, OffsetCommitResponseTopic, OffsetCommitResponsePartition> answers = new AnswersByTopic<>(
                topic -> byId ? topic.topicId() : topic.name(), OffsetCommitResponseTopic::partitions);
        MetadataImage image = lookup.image();
        Predicate<String> allowed = context.allowing(AclOperation.READ, ResourceType.TOPIC);
        List<OffsetCommitRequestTopic> known = new ArrayList<>();
        for (OffsetCommitRequestTopic topic : request.topics()) {
            TopicImage found = byId ? image.topic(topic.topicId()) : image.topic(topic.name());
            String name = found == null ? topic.name() : found.name();
            if (!(byId && found == null) && !allowed.test(name)) {
                answers.add(refusal(topic, topic.partitions(), ErrorCode.TOPIC_AUTHORIZATION_FAILED));
            } else if (found == null) {
                ErrorCode error = byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
                answers.add(refusal(topic, topic.partitions(), error));
            } else {
                sort(topic.name(found.name()).topicId(found.id()), found, known, answers);
            }
        }
        if (known.isEmpty()) {
            reply.send(new OffsetCommitResponse().topics(answers.all()));
            return;
        }
        request.topics(known);
        groups.ask(
                request.groupId(),
                (shard, answer) -> shard.commitOffsets().handle(request, context.version(), answer),
                error -> new OffsetCommitResponse()
                        .topics(known.stream()
                                .map(topic -> refusal(topic, topic.partitions(), error))
                                .toList()),
                response -> reply.send(response.topics(answers.with(response.topics()))));
    }

    /** Refuses the partitions that do not exist, and takes them out of the topic. */
    private static void sort(
            OffsetCommitRequestTopic topic,
            TopicImage found,
            List<OffsetCommitRequestTopic> known,
            AnswersByTopic<Object, OffsetCommitResponseTopic, OffsetCommitResponsePartition> answers) {
        List<OffsetCommitRequestPartition> there = new ArrayList<>();
        List<OffsetCommitRequestPartition> missing = new ArrayList<>();
        for (OffsetCommitRequestPartition partition : topic.partitions()) {
            (found.partition(partition.partitionIndex()) == null ? missing : there).add(partition);
        }
        if (!missing.isEmpty()) {
            answers.add(refusal(topic, missing, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
        }
        if (!there.isEmpty()) {
            known.add(topic.partitions(there));
        }
    }

    private static OffsetCommitResponseTopic refusal(
            OffsetCommitRequestTopic topic, List<OffsetCommitRequestPartition> partitions, ErrorCode error) {
        List<OffsetCommitResponsePartition> refused = new ArrayList<>(partitions.size());
        for (OffsetCommitRequestPartition partition : partitions) {
            refused.add(new OffsetCommitResponsePartition()
                    .partitionIndex(partition.partitionIndex())
                    .errorCode(error.code()));
        }
        return new OffsetCommitResponseTopic()
                .name(topic.name())
                .topicId(topic.topicId())
                .partitions(refused);
    }
}
