package io.gregor.broker.api.cluster;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.PartitionImage;
import io.gregor.controller.TopicImage;
import io.gregor.controller.TopicNames;
import io.gregor.wire.message.DescribeTopicPartitionsRequest;
import io.gregor.wire.message.DescribeTopicPartitionsResponse;
import io.gregor.wire.message.DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition;
import io.gregor.wire.message.DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Topics with their partitions, in pages (KIP-966): topics in alphabetical order, from the cursor on, until the limit
 * of partitions is reached; the response's cursor says where to go on. Topics that the client may not describe are left
 * out, or if they are named refused, whether or not they exist.
 */
public final class DescribeTopicPartitionsHandler
        implements ApiHandler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> {
    /** Kafka's {@code max.request.partition.size.limit}. */
    private static final int PARTITIONS_MAX = 2000;

    private final PartitionLookup lookup;

    public DescribeTopicPartitionsHandler(PartitionLookup lookup) {
        this.lookup = lookup;
    }

    @Override
    public void handle(
            RequestContext context,
            DescribeTopicPartitionsRequest request,
            Reply<DescribeTopicPartitionsResponse> reply) {
        DescribeTopicPartitionsRequest.Cursor cursor = request.cursor();
        if (cursor != null && !isValid(cursor, request)) {
            reply.send(refused(request));
            return;
        }
        reply.send(describe(context, request, cursor));
    }

    /** The cursor must stand on one of the topics that are asked for, if any are named. */
    private static boolean isValid(
            DescribeTopicPartitionsRequest.Cursor cursor, DescribeTopicPartitionsRequest request) {
        boolean named = request.topics().isEmpty()
                || request.topics().stream().anyMatch(topic -> topic.name().equals(cursor.topicName()));
        return named && cursor.partitionIndex() >= 0;
    }

    private static DescribeTopicPartitionsResponse refused(DescribeTopicPartitionsRequest request) {
        return new DescribeTopicPartitionsResponse()
                .topics(request.topics().stream()
                        .map(topic -> new DescribeTopicPartitionsResponseTopic()
                                .name(topic.name())
                                .errorCode(ErrorCode.INVALID_REQUEST.code()))
                        .toList());
    }

    private DescribeTopicPartitionsResponse describe(
            RequestContext context,
            DescribeTopicPartitionsRequest request,
            DescribeTopicPartitionsRequest.@Nullable Cursor cursor) {
        MetadataImage image = lookup.image();
        boolean all = request.topics().isEmpty();
        SortedSet<String> names = new TreeSet<>();
        if (all) {
            names.addAll(image.topicsByName().keySet());
        }
        request.topics().forEach(topic -> names.add(topic.name()));
        if (cursor != null) {
            names.removeIf(name -> name.compareTo(cursor.topicName()) < 0);
        }
        int left = Math.max(1, Math.min(request.responsePartitionLimit(), PARTITIONS_MAX));
        DescribeTopicPartitionsResponse response = new DescribeTopicPartitionsResponse();
        List<DescribeTopicPartitionsResponseTopic> topics = new ArrayList<>();
        List<DescribeTopicPartitionsResponseTopic> refused = new ArrayList<>();
        for (String name : names) {
            if (!context.allows(AclOperation.DESCRIBE, ResourceType.TOPIC, name)) {
                if (!all) {
                    refused.add(new DescribeTopicPartitionsResponseTopic()
                            .name(name)
                            .errorCode(ErrorCode.TOPIC_AUTHORIZATION_FAILED.code()));
                }
                continue;
            }
            int from = cursor != null && name.equals(cursor.topicName()) ? cursor.partitionIndex() : 0;
            TopicImage topic = image.topic(name);
            if (left == 0) {
                response.nextCursor(new DescribeTopicPartitionsResponse.Cursor()
                        .topicName(name)
                        .partitionIndex(0));
                break;
            }
            if (topic == null) {
                topics.add(unknown(context, name));
                continue;
            }
            int to = Math.min(topic.partitions().size(), from + left);
            topics.add(describe(context, topic, from, to));
            left -= Math.max(0, to - from);
            if (to < topic.partitions().size()) {
                response.nextCursor(new DescribeTopicPartitionsResponse.Cursor()
                        .topicName(name)
                        .partitionIndex(to));
                break;
            }
        }
        topics.addAll(refused);
        return response.topics(topics);
    }

    private static DescribeTopicPartitionsResponseTopic unknown(RequestContext context, String name) {
        ErrorCode error = TopicNames.objection(name) == null
                ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                : ErrorCode.INVALID_TOPIC_EXCEPTION;
        return new DescribeTopicPartitionsResponseTopic()
                .name(name)
                .errorCode(error.code())
                .isInternal(TopicNames.isInternal(name))
                .topicAuthorizedOperations(context.allowedOperations(ResourceType.TOPIC, name));
    }

    private DescribeTopicPartitionsResponseTopic describe(RequestContext context, TopicImage topic, int from, int to) {
        List<DescribeTopicPartitionsResponsePartition> partitions = new ArrayList<>();
        for (int i = from; i < to; i++) {
            PartitionImage partition = topic.partitions().get(i);
            boolean offline = lookup.isOffline(topic, i);
            partitions.add(new DescribeTopicPartitionsResponsePartition()
                    .errorCode((offline ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.NONE).code())
                    .partitionIndex(i)
                    .leaderId(offline ? PartitionLookup.NO_LEADER : partition.leader())
                    .leaderEpoch(partition.leaderEpoch())
                    .replicaNodes(partition.replicas())
                    .isrNodes(partition.isr())
                    .eligibleLeaderReplicas(List.of())
                    .lastKnownElr(List.of())
                    .offlineReplicas(offline ? partition.replicas() : List.of()));
        }
        return new DescribeTopicPartitionsResponseTopic()
                .name(topic.name())
                .topicId(topic.id())
                .isInternal(TopicNames.isInternal(topic.name()))
                .topicAuthorizedOperations(context.allowedOperations(ResourceType.TOPIC, topic.name()))
                .partitions(partitions);
    }
}
