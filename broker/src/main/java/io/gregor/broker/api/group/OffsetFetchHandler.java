package io.gregor.broker.api.group;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.lane.OneByOne;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicImage;
import io.gregor.coordinator.group.offset.FetchOffsets;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.OffsetFetchRequest;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestTopic;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import io.gregor.wire.message.OffsetFetchResponse;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponsePartition;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponsePartitions;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponseTopic;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponseTopics;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What groups committed; see {@link FetchOffsets}.
 *
 * <p>Up to version 7 for one group, before 2 without an error but those of partitions; from 8 on for many, each with an
 * error of its own (KIP-709). 9: the new protocol's members. 10: topics by id; an unknown one gets UNKNOWN_TOPIC_ID.
 *
 * <p>Topics that the client may not describe get TOPIC_AUTHORIZATION_FAILED, or are left out where all are asked for.
 */
public final class OffsetFetchHandler implements ApiHandler<OffsetFetchRequest, OffsetFetchResponse> {
    private static final int FIRST_VERSION_WITH_GROUP_ERRORS = 2;
    private static final int FIRST_VERSION_WITH_GROUPS = 8;
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 10;

    private final CoordinatorShards<GroupShard> groups;
    private final PartitionLookup lookup;

    public OffsetFetchHandler(CoordinatorShards<GroupShard> groups, PartitionLookup lookup) {
        this.groups = groups;
        this.lookup = lookup;
    }

    @Override
    public void handle(RequestContext context, OffsetFetchRequest request, Reply<OffsetFetchResponse> reply) {
        short version = context.version();
        List<OffsetFetchRequestGroup> wanted =
                version >= FIRST_VERSION_WITH_GROUPS ? request.groups() : List.of(single(request));
        List<OffsetFetchResponseGroup> results = new ArrayList<>();
        OneByOne.each(
                wanted,
                (group, next) -> fetch(context, group, request.requireStable(), results, next),
                () -> reply.send(
                        version >= FIRST_VERSION_WITH_GROUPS
                                ? new OffsetFetchResponse().groups(results)
                                : single(results.get(0))));
    }

    private static OffsetFetchRequestGroup single(OffsetFetchRequest request) {
        List<OffsetFetchRequestTopic> topics = request.topics();
        return new OffsetFetchRequestGroup()
                .groupId(request.groupId())
                .topics(
                        topics == null
                                ? null
                                : topics.stream()
                                        .map(topic -> new OffsetFetchRequestTopics()
                                                .name(topic.name())
                                                .partitionIndexes(topic.partitionIndexes()))
                                        .toList());
    }

    private void fetch(
            RequestContext context,
            OffsetFetchRequestGroup group,
            boolean requireStable,
            List<OffsetFetchResponseGroup> results,
            Runnable next) {
        short version = context.version();
        if (!context.allows(AclOperation.DESCRIBE, ResourceType.GROUP, group.groupId())) {
            results.add(refused(group, ErrorCode.GROUP_AUTHORIZATION_FAILED, version));
            next.run();
            return;
        }
        List<OffsetFetchResponseTopics> others = new ArrayList<>();
        if (version >= FIRST_VERSION_WITH_TOPIC_IDS) {
            others.addAll(nameTopics(group));
        }
        boolean all = group.topics() == null;
        others.addAll(takeRefused(context, group));
        groups.<OffsetFetchResponseGroup>ask(
                group.groupId(),
                (shard, fetched) -> {
                    OffsetFetchResponseGroup result = shard.fetchOffsets().handle(group, requireStable, this::idOf);
                    List<OffsetFetchResponseTopics> topics = new ArrayList<>(result.topics());
                    if (all) {
                        topics.removeIf(
                                topic -> !context.allows(AclOperation.DESCRIBE, ResourceType.TOPIC, topic.name()));
                    }
                    topics.addAll(others);
                    fetched.accept(result.topics(topics));
                },
                error -> refused(group, error, version),
                result -> {
                    results.add(result);
                    next.run();
                });
    }

    private static OffsetFetchResponseGroup refused(OffsetFetchRequestGroup group, ErrorCode error, short version) {
        OffsetFetchResponseGroup refused = new OffsetFetchResponseGroup().groupId(group.groupId());
        List<OffsetFetchRequestTopics> topics = group.topics();
        if (version >= FIRST_VERSION_WITH_GROUP_ERRORS || topics == null) {
            return refused.errorCode(error.code());
        }
        return refused.topics(topics.stream()
                .map(topic -> refused(topic, error).name(topic.name()))
                .toList());
    }

    private static OffsetFetchResponseTopics refused(OffsetFetchRequestTopics topic, ErrorCode error) {
        return new OffsetFetchResponseTopics()
                .partitions(topic.partitionIndexes().stream()
                        .map(partition -> new OffsetFetchResponsePartitions()
                                .partitionIndex(partition)
                                .errorCode(error.code())
                                .committedOffset(-1)
                                .metadata(""))
                        .toList());
    }

    private Uuid idOf(String topic) {
        TopicImage found = lookup.image().topic(topic);
        return found == null ? Uuid.ZERO : found.id();
    }

    /** Turns ids into names in the request, and answers for those that nobody knows. */
    private List<OffsetFetchResponseTopics> nameTopics(OffsetFetchRequestGroup group) {
        List<OffsetFetchRequestTopics> topics = group.topics();
        if (topics == null) {
            return List.of();
        }
        MetadataImage image = lookup.image();
        List<OffsetFetchRequestTopics> known = new ArrayList<>();
        List<OffsetFetchResponseTopics> unknown = new ArrayList<>();
        for (OffsetFetchRequestTopics topic : topics) {
            TopicImage found = image.topic(topic.topicId());
            if (found == null) {
                unknown.add(refused(topic, ErrorCode.UNKNOWN_TOPIC_ID).topicId(topic.topicId()));
            } else {
                known.add(topic.name(found.name()));
            }
        }
        group.topics(known);
        return unknown;
    }

    /** Takes the topics that the client may not describe out of the request, and answers for each. */
    private static List<OffsetFetchResponseTopics> takeRefused(RequestContext context, OffsetFetchRequestGroup group) {
        List<OffsetFetchRequestTopics> topics = group.topics();
        if (topics == null) {
            return List.of();
        }
        Predicate<String> allowed = context.allowing(AclOperation.DESCRIBE, ResourceType.TOPIC);
        List<OffsetFetchRequestTopics> others = new ArrayList<>();
        List<OffsetFetchResponseTopics> refused = new ArrayList<>();
        for (OffsetFetchRequestTopics topic : topics) {
            if (allowed.test(topic.name())) {
                others.add(topic);
            } else {
                refused.add(refused(topic, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
                        .name(topic.name())
                        .topicId(topic.topicId()));
            }
        }
        group.topics(others);
        return refused;
    }

    private static OffsetFetchResponse single(OffsetFetchResponseGroup group) {
        return new OffsetFetchResponse()
                .errorCode(group.errorCode())
                .topics(group.topics().stream().map(OffsetFetchHandler::single).toList());
    }

    private static OffsetFetchResponseTopic single(OffsetFetchResponseTopics topic) {
        return new OffsetFetchResponseTopic()
                .name(topic.name())
                .partitions(topic.partitions().stream()
                        .map(partition -> new OffsetFetchResponsePartition()
                                .partitionIndex(partition.partitionIndex())
                                .committedOffset(partition.committedOffset())
                                .committedLeaderEpoch(partition.committedLeaderEpoch())
                                .metadata(partition.metadata())
                                .errorCode(partition.errorCode()))
                        .toList());
    }
}
