package io.gregor.broker.api.group;

import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicImage;
import io.gregor.coordinator.CommitOffsets;
import io.gregor.coordinator.GroupShard;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.gregor.wire.message.OffsetCommitResponse;
import io.gregor.wire.message.OffsetCommitResponse.OffsetCommitResponsePartition;
import io.gregor.wire.message.OffsetCommitResponse.OffsetCommitResponseTopic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Commits offsets of partitions that exist; the others get UNKNOWN_TOPIC_OR_PARTITION, or from version 10 on, where
 * topics are named by id, UNKNOWN_TOPIC_ID. The rest is up to {@link CommitOffsets}.
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
        List<OffsetCommitResponseTopic> refused = new ArrayList<>();
        List<OffsetCommitRequestTopic> known = new ArrayList<>();
        boolean byId = context.version() >= FIRST_VERSION_WITH_TOPIC_IDS;
        for (OffsetCommitRequestTopic topic : request.topics()) {
            sort(topic, byId, known, refused);
        }
        if (known.isEmpty()) {
            reply.send(merged(refused));
            return;
        }
        request.topics(known);
        groups.ask(
                request.groupId(),
                (shard, answer) -> new CommitOffsets(shard).handle(request, context.version(), answer),
                error -> new OffsetCommitResponse()
                        .topics(known.stream()
                                .map(topic -> refusal(topic, topic.partitions(), error))
                                .toList()),
                response -> {
                    refused.addAll(response.topics());
                    reply.send(merged(refused));
                });
    }

    /** Each topic once, however often the request named it. */
    private static OffsetCommitResponse merged(List<OffsetCommitResponseTopic> topics) {
        Map<String, OffsetCommitResponseTopic> byTopic = new LinkedHashMap<>();
        for (OffsetCommitResponseTopic topic : topics) {
            byTopic.merge(topic.name() + " " + topic.topicId(), topic, (one, other) -> {
                List<OffsetCommitResponsePartition> partitions = new ArrayList<>(one.partitions());
                partitions.addAll(other.partitions());
                return one.partitions(partitions);
            });
        }
        return new OffsetCommitResponse().topics(List.copyOf(byTopic.values()));
    }

    private void sort(
            OffsetCommitRequestTopic topic,
            boolean byId,
            List<OffsetCommitRequestTopic> known,
            List<OffsetCommitResponseTopic> refused) {
        MetadataImage image = lookup.image();
        TopicImage found = byId ? image.topic(topic.topicId()) : image.topic(topic.name());
        if (found == null) {
            ErrorCode error = byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
            refused.add(refusal(topic, topic.partitions(), error));
            return;
        }
        topic.name(found.name()).topicId(found.id());
        List<OffsetCommitRequestPartition> there = new ArrayList<>(topic.partitions());
        List<OffsetCommitRequestPartition> missing = new ArrayList<>(topic.partitions());
        there.removeIf(partition -> found.partition(partition.partitionIndex()) == null);
        missing.removeAll(there);
        if (!missing.isEmpty()) {
            refused.add(refusal(topic, missing, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
        }
        if (!there.isEmpty()) {
            known.add(topic.partitions(there));
        }
    }

    private static OffsetCommitResponseTopic refusal(
            OffsetCommitRequestTopic topic, List<OffsetCommitRequestPartition> partitions, ErrorCode error) {
        return new OffsetCommitResponseTopic()
                .name(topic.name())
                .topicId(topic.topicId())
                .partitions(partitions.stream()
                        .map(partition -> new OffsetCommitResponsePartition()
                                .partitionIndex(partition.partitionIndex())
                                .errorCode(error.code()))
                        .toList());
    }
}
