package io.gregor.broker.api.cluster;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.cluster.ClusterInfo;
import io.gregor.broker.cluster.TopicCreation;
import io.gregor.broker.config.Listener;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.PartitionImage;
import io.gregor.controller.TopicImage;
import io.gregor.controller.TopicNames;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.MetadataRequest;
import io.gregor.wire.message.MetadataRequest.MetadataRequestTopic;
import io.gregor.wire.message.MetadataResponse;
import io.gregor.wire.message.MetadataResponse.MetadataResponsePartition;
import io.gregor.wire.message.MetadataResponse.MetadataResponseTopic;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Brokers, topics and partitions.
 *
 * <p>Version 0: no topics means all. From 1 on null means all, and an empty list none. 4: the client says whether an
 * unknown topic is created. 8 to 10: authorized operations of the cluster. 12: topics by id.
 *
 * <p>An unknown topic that is to be created is answered with UNKNOWN_TOPIC_OR_PARTITION, as Kafka does; the client asks
 * again and finds it.
 *
 * <p>Of all topics those that the client may not describe are left out; who names one gets TOPIC_AUTHORIZATION_FAILED,
 * whether or not it exists, and so does who may not create what would be created.
 */
public final class MetadataHandler implements ApiHandler<MetadataRequest, MetadataResponse> {
    private static final int NOT_ASKED = Integer.MIN_VALUE;
    private static final int FIRST_VERSION_WITH_CHOICE = 4;
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 12;

    private final ClusterInfo cluster;
    private final PartitionLookup lookup;
    private final TopicCreation topicCreation;

    public MetadataHandler(ClusterInfo cluster, PartitionLookup lookup, TopicCreation topicCreation) {
        this.cluster = cluster;
        this.lookup = lookup;
        this.topicCreation = topicCreation;
    }

    @Override
    public void handle(RequestContext context, MetadataRequest request, Reply<MetadataResponse> reply) {
        short version = context.version();
        MetadataImage image = lookup.image();
        List<MetadataRequestTopic> wanted = request.topics();
        boolean all = wanted == null || version == 0 && wanted.isEmpty();
        List<MetadataResponseTopic> topics = new ArrayList<>();
        if (wanted == null || all) {
            image.topicsByName().values().stream()
                    .filter(topic -> context.wouldAllow(AclOperation.DESCRIBE, ResourceType.TOPIC, topic.name()))
                    .forEach(topic -> topics.add(describe(context, topic, request)));
        } else {
            ErrorCode invalid = check(wanted, version);
            if (invalid != ErrorCode.NONE) {
                reply.send(refused(wanted, invalid));
                return;
            }
            boolean mayCreate = version < FIRST_VERSION_WITH_CHOICE || request.allowAutoTopicCreation();
            topics.addAll(describe(context, image, wanted, request, mayCreate));
        }
        reply.send(response(context, request, topics));
    }

    private static ErrorCode check(List<MetadataRequestTopic> wanted, short version) {
        for (MetadataRequestTopic topic : wanted) {
            boolean byId = topic.name() == null || !topic.topicId().equals(Uuid.ZERO);
            if (version < FIRST_VERSION_WITH_TOPIC_IDS && byId) {
                return ErrorCode.INVALID_REQUEST;
            }
        }
        return ErrorCode.NONE;
    }

    private static MetadataResponse refused(List<MetadataRequestTopic> wanted, ErrorCode error) {
        return new MetadataResponse()
                .topics(wanted.stream()
                        .map(topic -> new MetadataResponseTopic()
                                .name(topic.name() == null ? "" : topic.name())
                                .topicId(topic.topicId())
                                .errorCode(error.code()))
                        .toList());
    }

    private List<MetadataResponseTopic> describe(
            RequestContext context,
            MetadataImage image,
            List<MetadataRequestTopic> wanted,
            MetadataRequest request,
            boolean mayCreate) {
        List<String> toCreate = new ArrayList<>();
        List<MetadataResponseTopic> unknown = new ArrayList<>();
        List<MetadataResponseTopic> known = new ArrayList<>();
        List<MetadataResponseTopic> refused = new ArrayList<>();
        Set<Uuid> described = new HashSet<>();
        Set<Object> asked = new HashSet<>();
        for (MetadataRequestTopic topic : wanted) {
            // Where there is an id, the name does not count.
            String name = topic.topicId().equals(Uuid.ZERO) ? topic.name() : null;
            if (!asked.add(name == null ? topic.topicId() : name)) {
                continue;
            }
            TopicImage found = name == null ? image.topic(topic.topicId()) : image.topic(name);
            String asTopic = found == null ? name : found.name();
            if (asTopic != null && !context.allows(AclOperation.DESCRIBE, ResourceType.TOPIC, asTopic)) {
                refused.add(refused(name, topic.topicId()));
            } else if (found != null) {
                if (described.add(found.id())) {
                    known.add(describe(context, found, request));
                }
            } else if (name == null) {
                unknown.add(new MetadataResponseTopic()
                        .name(null)
                        .topicId(topic.topicId())
                        .errorCode(ErrorCode.UNKNOWN_TOPIC_ID.code()));
            } else if (mayCreate && !allowsCreation(context, name)) {
                refused.add(refused(name, Uuid.ZERO).isInternal(TopicNames.isInternal(name)));
            } else {
                ErrorCode error = topicCreation.errorOf(name);
                if (mayCreate && error == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
                    toCreate.add(name);
                }
                unknown.add(new MetadataResponseTopic()
                        .name(name)
                        .errorCode(error.code())
                        .isInternal(TopicNames.isInternal(name))
                        .topicAuthorizedOperations(operations(context, request, name)));
            }
        }
        if (!toCreate.isEmpty()) {
            topicCreation.createAutomatically(toCreate, context.clientId(), context.requester());
        }
        unknown.addAll(known);
        unknown.addAll(refused);
        return unknown;
    }

    private boolean allowsCreation(RequestContext context, String topic) {
        return !topicCreation.isAutomatic()
                || context.wouldAllow(AclOperation.CREATE, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)
                || context.allows(AclOperation.CREATE, ResourceType.TOPIC, topic);
    }

    /** Says nothing of whether there is such a topic. */
    private static MetadataResponseTopic refused(@Nullable String name, Uuid id) {
        return new MetadataResponseTopic()
                .name(name)
                .topicId(id)
                .errorCode(ErrorCode.TOPIC_AUTHORIZATION_FAILED.code());
    }

    private static int operations(RequestContext context, MetadataRequest request, String topic) {
        return request.includeTopicAuthorizedOperations()
                ? context.allowedOperations(ResourceType.TOPIC, topic)
                : NOT_ASKED;
    }

    private MetadataResponseTopic describe(RequestContext context, TopicImage topic, MetadataRequest request) {
        List<MetadataResponsePartition> partitions = new ArrayList<>();
        for (PartitionImage partition : topic.partitions()) {
            boolean offline = lookup.isOffline(topic, partition.index());
            partitions.add(new MetadataResponsePartition()
                    .errorCode((offline ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.NONE).code())
                    .partitionIndex(partition.index())
                    .leaderId(offline ? PartitionLookup.NO_LEADER : partition.leader())
                    .leaderEpoch(partition.leaderEpoch())
                    .replicaNodes(partition.replicas())
                    .isrNodes(partition.isr())
                    .offlineReplicas(offline ? partition.replicas() : List.of()));
        }
        return new MetadataResponseTopic()
                .name(topic.name())
                .topicId(topic.id())
                .isInternal(TopicNames.isInternal(topic.name()))
                .topicAuthorizedOperations(operations(context, request, topic.name()))
                .partitions(partitions);
    }

    private MetadataResponse response(
            RequestContext context, MetadataRequest request, List<MetadataResponseTopic> topics) {
        Listener address = cluster.reachableThrough(context.listener());
        return new MetadataResponse()
                .brokers(List.of(new MetadataResponse.MetadataResponseBroker()
                        .nodeId(cluster.nodeId())
                        .host(address.host())
                        .port(address.port())
                        .rack(cluster.rack())))
                .clusterId(cluster.clusterId())
                .controllerId(cluster.nodeId())
                .clusterAuthorizedOperations(
                        request.includeClusterAuthorizedOperations() ? context.operationsOnCluster() : NOT_ASKED)
                .topics(topics);
    }
}
