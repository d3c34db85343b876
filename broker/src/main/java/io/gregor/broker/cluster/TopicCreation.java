package io.gregor.broker.cluster;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.TopicConfig;
import io.gregor.broker.replica.Partitions;
import io.gregor.controller.CreateTopics;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MutationQuota;
import io.gregor.controller.TopicNames;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopic;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopicConfig;
import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Topics that come to be because somebody uses them. Called on any thread. */
public final class TopicCreation {
    private static final Logger LOG = LoggerFactory.getLogger(TopicCreation.class);

    private final BrokerConfig config;
    private final ClusterMetadata metadata;
    private final CreateTopics operation;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();

    public TopicCreation(BrokerConfig config, ClusterMetadata metadata, Partitions partitions, RandomGenerator random) {
        this.config = config;
        this.metadata = metadata;
        this.operation = new CreateTopics(
                config.nodeId(),
                config.integer("num.partitions"),
                (short) config.integer("default.replication.factor"),
                TopicConfig::objection,
                partitions::areAllCordoned,
                random);
    }

    public CreateTopics operation() {
        return operation;
    }

    /** Begins to create a topic that a client asked for, if that is allowed; the answer to give meanwhile. */
    public ErrorCode createAutomatically(String name) {
        if (TopicNames.objection(name) != null) {
            return ErrorCode.INVALID_TOPIC_EXCEPTION;
        }
        boolean internal = TopicNames.isInternal(name);
        if (!internal && !config.isOn("auto.create.topics.enable")) {
            return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        }
        if (internal) {
            createInternal(name);
        } else {
            create(new CreatableTopic().name(name).numPartitions(-1).replicationFactor((short) -1));
        }
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    }

    /** Begins to create a topic that a coordinator keeps its records in. */
    public void createInternal(String name) {
        switch (name) {
            case TopicNames.OFFSETS ->
                createInternal(
                        name,
                        "offsets.topic.num.partitions",
                        Map.of(
                                "cleanup.policy",
                                "compact",
                                "compression.type",
                                "producer",
                                "segment.bytes",
                                config.string("offsets.topic.segment.bytes")));
            case TopicNames.TRANSACTIONS ->
                createInternal(
                        name,
                        "transaction.state.log.num.partitions",
                        Map.of(
                                "cleanup.policy",
                                "compact",
                                "compression.type",
                                "uncompressed",
                                "unclean.leader.election.enable",
                                "false",
                                "min.insync.replicas",
                                config.string("transaction.state.log.min.isr"),
                                "segment.bytes",
                                config.string("transaction.state.log.segment.bytes")));
            default -> LOG.debug("Nothing stores records in {}", name);
        }
    }

    private void createInternal(String name, String partitionsKey, Map<String, String> configs) {
        create(new CreatableTopic()
                .name(name)
                .numPartitions(config.integer(partitionsKey))
                .replicationFactor((short) 1)
                .configs(configs.entrySet().stream()
                        .map(entry ->
                                new CreatableTopicConfig().name(entry.getKey()).value(entry.getValue()))
                        .toList()));
    }

    private void create(CreatableTopic topic) {
        MetadataImage image = metadata.image();
        if (image.topic(topic.name()) != null || !underWay.add(topic.name())) {
            return;
        }
        CreateTopicsRequest request = new CreateTopicsRequest().topics(List.of(topic));
        metadata.change(
                now -> operation.decide(now, request, MutationQuota.UNLIMITED),
                response -> underWay.remove(topic.name()),
                error -> {
                    underWay.remove(topic.name());
                    LOG.error("Creating topic {} automatically failed: {}", topic.name(), error);
                });
    }
}
