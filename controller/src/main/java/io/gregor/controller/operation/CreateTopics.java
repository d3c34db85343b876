package io.gregor.controller.operation;

import io.gregor.controller.ConfigResource;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MutationQuota;
import io.gregor.controller.TopicConfigs;
import io.gregor.controller.TopicNames;
import io.gregor.wire.ApiError;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopic;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.CreateTopicsResponse.CreatableTopicResult;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.TopicRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Creates topics, each for itself: one that is refused does not hold up the others. Pure but for {@code random}. Errors
 * in Kafka's order: more than 10,000 partitions in sum (POLICY_VIOLATION for all topics), duplicate names, name,
 * existence, collision, configuration, counts, assignment, quota.
 *
 * <p>Version 5 tells the configuration of what was created (KIP-525), to those who may see it, 6 refuses what exceeds a
 * quota (KIP-599).
 *
 * @param random where topic ids come from
 */
public record CreateTopics(
        NodeSettings node, TopicConfigs topicConfigs, MutationQuota.Source quotas, RandomGenerator random)
        implements Operation<CreateTopicsRequest, CreateTopicsResponse> {
    /** Kafka's limit of partitions that one request may create, in sum over its topics. */
    static final int PARTITIONS_MAX = 10_000;

    private static final int FIRST_VERSION_WITH_CONFIGS = 5;
    private static final int FIRST_VERSION_WITH_STRICT_QUOTAS = 6;

    /** Of a replica that lives in no particular log directory. */
    private static final Uuid UNASSIGNED_DIRECTORY = Uuid.ZERO;

    private static final class Refused extends Exception {
        private final transient ApiError error;

        Refused(ErrorCode code, @Nullable String message) {
            super(message, null, false, false);
            error = new ApiError(code, message);
        }
    }

    @Override
    public ControllerResult<CreateTopicsResponse> decide(
            MetadataImage image, CreateTopicsRequest request, ControllerContext context) {
        List<Message> records = new ArrayList<>();
        List<CreatableTopicResult> results = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Set<String> twice = new HashSet<>();
        request.topics().stream()
                .map(CreatableTopic::name)
                .filter(n -> !seen.add(n))
                .forEach(twice::add);
        if (partitionsIn(request, twice) > PARTITIONS_MAX) {
            ApiError tooMany =
                    new ApiError(ErrorCode.POLICY_VIOLATION, "Excessively large number of partitions per request.");
            return new ControllerResult<>(List.of(), refused(request, tooMany));
        }
        MutationQuota quota = quotas.of(context.clientId(), context.version() >= FIRST_VERSION_WITH_STRICT_QUOTAS);
        Map<String, String> taken = new HashMap<>();
        image.topicsByName().keySet().forEach(name -> taken.put(TopicNames.collisionForm(name), name));
        twice.forEach(
                name -> results.add(refused(name, new ApiError(ErrorCode.INVALID_REQUEST, "Duplicate topic name."))));
        for (CreatableTopic topic : request.topics()) {
            if (twice.contains(topic.name())) {
                continue;
            }
            try {
                List<Message> own = create(image, topic, taken, quota);
                if (!request.validateOnly()) {
                    records.addAll(own);
                }
                taken.put(TopicNames.collisionForm(topic.name()), topic.name());
                results.add(created(topic, own, image, context));
            } catch (Refused refused) {
                results.add(refused(topic.name(), refused.error));
            }
        }
        return new ControllerResult<>(
                records, new CreateTopicsResponse().topics(results).throttleTimeMs(quota.throttleMs()));
    }

    @Override
    public CreateTopicsResponse refused(CreateTopicsRequest request, ApiError error) {
        return new CreateTopicsResponse()
                .topics(request.topics().stream()
                        .map(topic -> refused(topic.name(), error))
                        .toList());
    }

    private long partitionsIn(CreateTopicsRequest request, Set<String> twice) {
        long sum = 0;
        for (CreatableTopic topic : request.topics()) {
            if (!twice.contains(topic.name())) {
                sum += partitionsIn(topic);
            }
        }
        return sum;
    }

    private int partitionsIn(CreatableTopic topic) {
        if (!topic.assignments().isEmpty()) {
            return topic.assignments().size();
        }
        return topic.numPartitions() == -1 ? node.defaultPartitions() : Math.max(0, topic.numPartitions());
    }

    private static CreatableTopicResult refused(String name, ApiError error) {
        return new CreatableTopicResult()
                .name(name)
                .errorCode(error.code().code())
                .errorMessage(error.message());
    }

    private CreatableTopicResult created(
            CreatableTopic topic, List<Message> records, MetadataImage image, ControllerContext context) {
        TopicRecord record = (TopicRecord) records.get(0);
        CreatableTopicResult result =
                new CreatableTopicResult().name(topic.name()).errorMessage(null).topicId(record.topicId());
        if (context.hiddenConfigs().contains(topic.name())) {
            return result.topicConfigErrorCode(ErrorCode.TOPIC_AUTHORIZATION_FAILED.code());
        }
        List<PartitionRecord> partitions = records.stream()
                .filter(PartitionRecord.class::isInstance)
                .map(PartitionRecord.class::cast)
                .toList();
        return result.numPartitions(partitions.size())
                .replicationFactor((short) partitions.get(0).replicas().size())
                .configs(
                        context.version() >= FIRST_VERSION_WITH_CONFIGS
                                ? topicConfigs.describe(configsOf(records), image)
                                : List.of());
    }

    private static Map<String, String> configsOf(List<Message> records) {
        Map<String, String> configs = new HashMap<>();
        for (Message record : records) {
            if (record instanceof ConfigRecord config && config.value() != null) {
                configs.put(config.name(), config.value());
            }
        }
        return configs;
    }

    private List<Message> create(
            MetadataImage image, CreatableTopic topic, Map<String, String> taken, MutationQuota quota) throws Refused {
        checkName(image, topic.name(), taken);
        Map<String, String> configs = new HashMap<>();
        for (CreateTopicsRequest.CreatableTopicConfig config : topic.configs()) {
            String value = config.value();
            if (value == null) {
                throw new Refused(
                        ErrorCode.INVALID_CONFIG, "Null value not supported for topic configs: " + config.name());
            }
            configs.put(config.name(), value);
        }
        String objection = topicConfigs.objection(configs);
        if (objection != null) {
            throw new Refused(ErrorCode.INVALID_CONFIG, objection);
        }
        int partitions = topic.assignments().isEmpty() ? countOf(image, topic) : checkAssignments(topic);
        if (!quota.take(partitions)) {
            throw new Refused(ErrorCode.THROTTLING_QUOTA_EXCEEDED, null);
        }
        List<Message> records = new ArrayList<>();
        Uuid id = Uuid.random(random);
        records.add(new TopicRecord().name(topic.name()).topicId(id));
        configs.forEach((name, value) -> records.add(new ConfigRecord()
                .resourceType(ConfigResource.TOPIC)
                .resourceName(topic.name())
                .name(name)
                .value(value)));
        records.addAll(EligibleLeaderReplicas.cleared(image, records));
        for (int i = 0; i < partitions; i++) {
            records.add(newPartition(id, i, node.nodeId()));
        }
        return records;
    }

    private static void checkName(MetadataImage image, String name, Map<String, String> taken) throws Refused {
        if (name.equals(TopicNames.METADATA)) {
            throw new Refused(ErrorCode.INVALID_REQUEST, "Creation of internal topic " + name + " is prohibited.");
        }
        String objection = TopicNames.objection(name);
        if (objection != null) {
            throw new Refused(ErrorCode.INVALID_TOPIC_EXCEPTION, objection);
        }
        if (image.topic(name) != null) {
            throw new Refused(ErrorCode.TOPIC_ALREADY_EXISTS, "Topic '" + name + "' already exists.");
        }
        String other = taken.get(TopicNames.collisionForm(name));
        if (other != null) {
            throw new Refused(
                    ErrorCode.INVALID_TOPIC_EXCEPTION, "Topic '" + name + "' collides with existing topic: " + other);
        }
    }

    private int countOf(MetadataImage image, CreatableTopic topic) throws Refused {
        if (topic.replicationFactor() < -1 || topic.replicationFactor() == 0) {
            throw new Refused(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "Replication factor must be larger than 0, or -1 to use the default value.");
        }
        if (topic.numPartitions() < -1 || topic.numPartitions() == 0) {
            throw new Refused(
                    ErrorCode.INVALID_PARTITIONS, "Number of partitions was set to an invalid non-positive value.");
        }
        int partitions = topic.numPartitions() == -1 ? node.defaultPartitions() : topic.numPartitions();
        short factor = topic.replicationFactor() == -1 ? node.defaultReplicationFactor() : topic.replicationFactor();
        String objection = image.hasCordonedLogDirs() && node.allCordoned().getAsBoolean()
                ? ReplicaAssignments.ALL_CORDONED
                : factor > 1 ? ReplicaAssignments.tooMany(factor) : null;
        if (objection != null) {
            throw new Refused(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "Unable to replicate the partition " + factor + " time(s): " + objection);
        }
        return partitions;
    }

    private int checkAssignments(CreatableTopic topic) throws Refused {
        if (topic.replicationFactor() != -1) {
            throw new Refused(
                    ErrorCode.INVALID_REQUEST,
                    "A manual partition assignment was specified, but replication factor was not set to -1.");
        }
        if (topic.numPartitions() != -1) {
            throw new Refused(
                    ErrorCode.INVALID_REQUEST,
                    "A manual partition assignment was specified, but numPartitions was not set to -1.");
        }
        Set<Integer> indexes = new HashSet<>();
        for (CreateTopicsRequest.CreatableReplicaAssignment assignment : topic.assignments()) {
            if (!indexes.add(assignment.partitionIndex())) {
                throw new Refused(
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "Found multiple manual partition assignments for partition " + assignment.partitionIndex());
            }
            String objection = ReplicaAssignments.objection(assignment.brokerIds(), node.nodeId());
            if (objection != null) {
                throw new Refused(ErrorCode.INVALID_REPLICA_ASSIGNMENT, objection);
            }
        }
        for (int i = 0; i < indexes.size(); i++) {
            if (!indexes.contains(i)) {
                throw new Refused(
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "partitions should be a consecutive 0-based integer sequence");
            }
        }
        return indexes.size();
    }

    /** A partition that this broker alone holds and leads. */
    static PartitionRecord newPartition(Uuid topicId, int index, int brokerId) {
        return new PartitionRecord()
                .topicId(topicId)
                .partitionId(index)
                .replicas(List.of(brokerId))
                .isr(List.of(brokerId))
                .directories(List.of(UNASSIGNED_DIRECTORY))
                .leader(brokerId)
                .leaderEpoch(0)
                .partitionEpoch(0);
    }
}
