package io.gregor.controller;

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
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Creates topics, each for itself: one that is refused does not hold up the others. Pure: what it decides is in the
 * records. Errors in Kafka's order: more than 10,000 partitions in sum (POLICY_VIOLATION for all topics), duplicate
 * names, name, existence, collision, configuration, counts, assignment, quota.
 *
 * @param defaultPartitions what a count of -1 means
 * @param configObjection why a topic cannot have such a configuration, or null
 * @param allCordoned whether no folder takes new partitions; those that are assigned by hand are made nevertheless
 * @param random where topic ids come from
 */
public record CreateTopics(
        int brokerId,
        int defaultPartitions,
        short defaultReplicationFactor,
        Function<Map<String, String>, @Nullable String> configObjection,
        BooleanSupplier allCordoned,
        RandomGenerator random) {
    /** Kafka's limit of partitions that one request may create, in sum over its topics. */
    static final int PARTITIONS_MAX = 10_000;

    /** Of a replica that lives in no particular folder. */
    private static final Uuid UNASSIGNED_DIRECTORY = Uuid.ZERO;

    private static final class Refusal extends Exception {
        private final ErrorCode error;

        Refusal(ErrorCode error, @Nullable String message) {
            super(message, null, false, false);
            this.error = error;
        }
    }

    public Decision<CreateTopicsResponse> decide(
            MetadataImage image, CreateTopicsRequest request, MutationQuota quota) {
        List<Message> records = new ArrayList<>();
        List<CreatableTopicResult> results = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Set<String> twice = new HashSet<>();
        request.topics().stream()
                .map(CreatableTopic::name)
                .filter(n -> !seen.add(n))
                .forEach(twice::add);
        if (partitionsIn(request, twice) > PARTITIONS_MAX) {
            return new Decision<>(List.of(), tooManyPartitions(request));
        }
        Map<String, String> taken = new HashMap<>();
        image.topicsByName().keySet().forEach(name -> taken.put(TopicNames.collisionForm(name), name));
        twice.forEach(name -> results.add(refused(name, ErrorCode.INVALID_REQUEST, "Duplicate topic name.")));
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
                results.add(created(topic, own));
            } catch (Refusal refusal) {
                results.add(refused(topic.name(), refusal.error, refusal.getMessage()));
            }
        }
        return new Decision<>(records, new CreateTopicsResponse().topics(results));
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
        return topic.numPartitions() == -1 ? defaultPartitions : Math.max(0, topic.numPartitions());
    }

    private static CreateTopicsResponse tooManyPartitions(CreateTopicsRequest request) {
        return new CreateTopicsResponse()
                .topics(request.topics().stream()
                        .map(topic -> refused(
                                topic.name(),
                                ErrorCode.POLICY_VIOLATION,
                                "Excessively large number of partitions per request."))
                        .toList());
    }

    private static CreatableTopicResult refused(String name, ErrorCode error, @Nullable String message) {
        return new CreatableTopicResult().name(name).errorCode(error.code()).errorMessage(message);
    }

    private CreatableTopicResult created(CreatableTopic topic, List<Message> records) {
        TopicRecord record = (TopicRecord) records.get(0);
        List<PartitionRecord> partitions = records.stream()
                .filter(PartitionRecord.class::isInstance)
                .map(PartitionRecord.class::cast)
                .toList();
        return new CreatableTopicResult()
                .name(topic.name())
                .errorMessage(null)
                .topicId(record.topicId())
                .numPartitions(partitions.size())
                .replicationFactor((short) partitions.get(0).replicas().size());
    }

    private List<Message> create(
            MetadataImage image, CreatableTopic topic, Map<String, String> taken, MutationQuota quota) throws Refusal {
        checkName(image, topic.name(), taken);
        Map<String, String> configs = new HashMap<>();
        for (CreateTopicsRequest.CreatableTopicConfig config : topic.configs()) {
            String value = config.value();
            if (value == null) {
                throw new Refusal(
                        ErrorCode.INVALID_CONFIG, "Null value not supported for topic configs: " + config.name());
            }
            configs.put(config.name(), value);
        }
        String objection = configObjection.apply(configs);
        if (objection != null) {
            throw new Refusal(ErrorCode.INVALID_CONFIG, objection);
        }
        int partitions = topic.assignments().isEmpty() ? countOf(image, topic) : checkAssignments(topic);
        if (!quota.take(partitions)) {
            throw new Refusal(ErrorCode.THROTTLING_QUOTA_EXCEEDED, null);
        }
        List<Message> records = new ArrayList<>();
        Uuid id = Uuid.random(random);
        records.add(new TopicRecord().name(topic.name()).topicId(id));
        configs.forEach((name, value) -> records.add(new ConfigRecord()
                .resourceType(ConfigResource.TOPIC)
                .resourceName(topic.name())
                .name(name)
                .value(value)));
        for (int i = 0; i < partitions; i++) {
            records.add(partition(id, i));
        }
        return records;
    }

    private static void checkName(MetadataImage image, String name, Map<String, String> taken) throws Refusal {
        if (name.equals(TopicNames.METADATA)) {
            throw new Refusal(ErrorCode.INVALID_REQUEST, "Creation of internal topic " + name + " is prohibited.");
        }
        String objection = TopicNames.objection(name);
        if (objection != null) {
            throw new Refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, objection);
        }
        if (image.topic(name) != null) {
            throw new Refusal(ErrorCode.TOPIC_ALREADY_EXISTS, "Topic '" + name + "' already exists.");
        }
        String other = taken.get(TopicNames.collisionForm(name));
        if (other != null) {
            throw new Refusal(
                    ErrorCode.INVALID_TOPIC_EXCEPTION, "Topic '" + name + "' collides with existing topic: " + other);
        }
    }

    private int countOf(MetadataImage image, CreatableTopic topic) throws Refusal {
        if (topic.replicationFactor() < -1 || topic.replicationFactor() == 0) {
            throw new Refusal(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "Replication factor must be larger than 0, or -1 to use the default value.");
        }
        if (topic.numPartitions() < -1 || topic.numPartitions() == 0) {
            throw new Refusal(
                    ErrorCode.INVALID_PARTITIONS, "Number of partitions was set to an invalid non-positive value.");
        }
        int partitions = topic.numPartitions() == -1 ? defaultPartitions : topic.numPartitions();
        short factor = topic.replicationFactor() == -1 ? defaultReplicationFactor : topic.replicationFactor();
        String objection = image.hasCordonedLogDirs() && allCordoned.getAsBoolean()
                ? ReplicaAssignments.ALL_CORDONED
                : factor > 1 ? ReplicaAssignments.tooMany(factor) : null;
        if (objection != null) {
            throw new Refusal(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "Unable to replicate the partition " + factor + " time(s): " + objection);
        }
        return partitions;
    }

    private int checkAssignments(CreatableTopic topic) throws Refusal {
        if (topic.replicationFactor() != -1) {
            throw new Refusal(
                    ErrorCode.INVALID_REQUEST,
                    "A manual partition assignment was specified, but replication factor was not set to -1.");
        }
        if (topic.numPartitions() != -1) {
            throw new Refusal(
                    ErrorCode.INVALID_REQUEST,
                    "A manual partition assignment was specified, but numPartitions was not set to -1.");
        }
        Set<Integer> indexes = new HashSet<>();
        for (CreateTopicsRequest.CreatableReplicaAssignment assignment : topic.assignments()) {
            if (!indexes.add(assignment.partitionIndex())) {
                throw new Refusal(
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "Found multiple manual partition assignments for partition " + assignment.partitionIndex());
            }
            String objection = ReplicaAssignments.objection(assignment.brokerIds(), brokerId);
            if (objection != null) {
                throw new Refusal(ErrorCode.INVALID_REPLICA_ASSIGNMENT, objection);
            }
        }
        for (int i = 0; i < indexes.size(); i++) {
            if (!indexes.contains(i)) {
                throw new Refusal(
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "partitions should be a consecutive 0-based integer sequence");
            }
        }
        return indexes.size();
    }

    private PartitionRecord partition(Uuid topicId, int index) {
        return newPartition(topicId, index, brokerId);
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
