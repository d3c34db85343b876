package io.gregor.broker.cluster;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicNames;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopic;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopicConfig;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.CreateTopicsResponse.CreatableTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates topics because somebody uses them. Thread-safe. */
public final class TopicCreation {
    private static final Logger LOG = LoggerFactory.getLogger(TopicCreation.class);

    /** Of requests that this broker makes by itself. */
    private static final ControllerContext OWN = new ControllerContext((short) 4, "");

    private static final short VERSION = 7;

    private final BrokerConfig config;
    private final ClusterMetadata metadata;
    private final Controller controller;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();

    public TopicCreation(BrokerConfig config, ClusterMetadata metadata, Controller controller) {
        this.config = config;
        this.metadata = metadata;
        this.controller = controller;
    }

    /** What a client is told of a topic that does not exist, and that it would have created if that is allowed. */
    public ErrorCode errorOf(String name) {
        return TopicNames.objection(name) == null
                ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                : ErrorCode.INVALID_TOPIC_EXCEPTION;
    }

    /** Whether topics are created that somebody asks for, other than internal ones. */
    public boolean isAutomatic() {
        return config.isOn("auto.create.topics.enable");
    }

    /**
     * Begins to create those of the topics that may be created, which all are valid names and unknown. They are one
     * request, and so all or none of them are too many, as in Kafka.
     */
    public void createAutomatically(Collection<String> names, String clientId, String requester) {
        List<CreatableTopic> topics = new ArrayList<>();
        for (String name : names) {
            if (TopicNames.isInternal(name)) {
                createInternal(name);
            } else if (isAutomatic()) {
                topics.add(new CreatableTopic().name(name).numPartitions(-1).replicationFactor((short) -1));
            }
        }
        create(topics, new ControllerContext(VERSION, clientId, requester));
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
        List<CreatableTopicConfig> all = configs.entrySet().stream()
                .map(entry -> new CreatableTopicConfig().name(entry.getKey()).value(entry.getValue()))
                .toList();
        CreatableTopic topic = new CreatableTopic()
                .name(name)
                .numPartitions(config.integer(partitionsKey))
                .replicationFactor((short) 1)
                .configs(all);
        create(List.of(topic), OWN);
    }

    private void create(List<CreatableTopic> topics, ControllerContext context) {
        MetadataImage image = metadata.image();
        List<CreatableTopic> begun = topics.stream()
                .filter(topic -> image.topic(topic.name()) == null && underWay.add(topic.name()))
                .toList();
        if (!begun.isEmpty()) {
            controller
                    .<CreateTopicsResponse>submit(new CreateTopicsRequest().topics(begun), context)
                    .thenAccept(this::ended);
        }
    }

    private void ended(CreateTopicsResponse response) {
        int refused = 0;
        for (CreatableTopicResult result : response.topics()) {
            underWay.remove(result.name());
            boolean there = result.errorCode() == ErrorCode.NONE.code()
                    || result.errorCode() == ErrorCode.TOPIC_ALREADY_EXISTS.code();
            if (!there && refused++ == 0) {
                LOG.warn(
                        "Auto topic creation failed for {} with error '{}': {}",
                        result.name(),
                        ErrorCode.of(result.errorCode()),
                        result.errorMessage());
            }
        }
        if (refused > 1) {
            LOG.warn("{} more topics of the same request were not created", refused - 1);
        }
    }
}
