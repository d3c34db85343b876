package io.gregor.broker.seed;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.seed.Seed.Acl;
import io.gregor.broker.seed.Seed.Commit;
import io.gregor.broker.seed.Seed.Group;
import io.gregor.broker.seed.Seed.Message;
import io.gregor.broker.seed.Seed.Quota;
import io.gregor.broker.seed.Seed.Topic;
import io.gregor.controller.ConfigResource;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicImage;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.AlterClientQuotasResponse;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.CreateTopicsResponse.CreatableTopicResult;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterableConfig;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checks what only the broker knows, before anything of any seed is done: what is there already, and what the
 * controller would say. Confined to the thread that starts the broker.
 */
final class SeedCheck {
    private final OwnRequests broker;
    private final MetadataImage image;
    private final BrokerConfig config;
    /** Of each topic that is there or is going to be. */
    private final Map<String, Integer> partitions = new HashMap<>();

    private final Map<String, Map<String, String>> configs = new HashMap<>();

    SeedCheck(OwnRequests broker, MetadataImage image, BrokerConfig config) {
        this.broker = broker;
        this.image = image;
        this.config = config;
        image.topicsByName().forEach((name, topic) -> {
            partitions.put(name, topic.partitions().size());
            configs.put(name, image.configOf(new ConfigResource(ConfigResource.TOPIC, name)));
        });
    }

    /** @throws io.gregor.broker.config.InvalidConfigException with the place of the first that cannot be done */
    void check(List<Seed> seeds) throws IOException, InterruptedException {
        Map<String, Topic> topics = new HashMap<>();
        for (Seed seed : seeds) {
            for (Topic topic : seed.topics()) {
                if (topics.put(topic.name(), topic) != null) {
                    throw topic.at().refused("topic " + topic.name() + " is in another file, too");
                }
                checkTopic(topic, seed.eachStart());
            }
        }
        for (Seed seed : seeds) {
            for (Message record : seed.records()) {
                checkRecord(record);
            }
            for (Group group : seed.groups()) {
                for (Commit commit : group.commits()) {
                    checkPartition(commit.at(), commit.topic(), commit.partition());
                }
            }
            checkAcls(seed.acls());
            for (Quota quota : seed.quotas()) {
                checkQuota(quota);
            }
        }
    }

    private void checkTopic(Topic topic, boolean eachStart) throws IOException, InterruptedException {
        TopicImage there = image.topic(topic.name());
        if (there == null) {
            CreateTopicsRequest request = SeedApplication.creation(topic).validateOnly(true);
            CreateTopicsResponse response = broker.ask(
                    CreateTopicsResponse.class, ApiKey.CREATE_TOPICS, SeedApplication.CREATE_TOPICS, request);
            CreatableTopicResult result = response.topics().get(0);
            SeedApplication.requireDone(topic.at(), result.errorCode(), result.errorMessage());
            partitions.put(topic.name(), result.numPartitions());
            configs.put(topic.name(), topic.configs());
            return;
        }
        if (eachStart) {
            int now = there.partitions().size();
            if (topic.partitions() != Seed.ANY && topic.partitions() < now) {
                throw topic.at().refused("topic " + topic.name() + " has " + now + " partitions, and never gets fewer");
            }
            partitions.put(topic.name(), Math.max(now, topic.partitions()));
            List<AlterableConfig> changes = new ArrayList<>();
            topic.configs()
                    .forEach((key, value) ->
                            changes.add(new AlterableConfig().name(key).value(value)));
            SeedApplication.alter(broker, topic, changes, true);
            configs.merge(topic.name(), topic.configs(), (old, more) -> {
                Map<String, String> all = new HashMap<>(old);
                all.putAll(more);
                return all;
            });
        }
    }

    private void checkPartition(YamlNode at, String topic, int partition) {
        Integer count = partitions.get(topic);
        if (count == null) {
            throw at.refused("there is no topic " + topic);
        }
        if (partition >= count) {
            throw at.refused("topic " + topic + " has the partitions 0 to " + (count - 1));
        }
    }

    private void checkRecord(Message message) {
        checkPartition(message.at(), message.topic(), message.partition());
        Map<String, String> own = Objects.requireNonNull(configs.get(message.topic()));
        long most = Long.parseLong(own.getOrDefault("max.message.bytes", config.string("message.max.bytes")));
        int bytes =
                new BatchBuilder(Compression.NONE).add(message.record()).build().remaining();
        if (bytes > most) {
            throw message.at().refused("a batch with it has " + bytes + " bytes, max.message.bytes allows " + most);
        }
        String policy = own.getOrDefault("cleanup.policy", config.string("log.cleanup.policy"));
        if (policy.contains("compact") && message.record().key() == null) {
            throw message.at().refused("topic " + message.topic() + " is compacted: a record needs a key");
        }
    }

    static int size(Record record) {
        int bytes = size(record.key()) + size(record.value());
        for (Record.Header header : record.headers()) {
            bytes += 2 * header.name().length() + size(header.value());
        }
        return bytes;
    }

    private static int size(@Nullable ByteBuffer buffer) {
        return buffer == null ? 0 : buffer.remaining();
    }

    private void checkAcls(List<Acl> acls) {
        if (!acls.isEmpty() && config.string("authorizer.class.name").isEmpty()) {
            throw acls.get(0).at().refused("there are no ACLs without an authorizer: set authorizer.class.name");
        }
    }

    private void checkQuota(Quota quota) throws IOException, InterruptedException {
        AlterClientQuotasRequest request =
                new AlterClientQuotasRequest().entries(List.of(quota.entry())).validateOnly(true);
        AlterClientQuotasResponse response = broker.ask(
                AlterClientQuotasResponse.class, ApiKey.ALTER_CLIENT_QUOTAS, SeedApplication.QUOTAS, request);
        AlterClientQuotasResponse.EntryData result = response.entries().get(0);
        SeedApplication.requireDone(quota.at(), result.errorCode(), result.errorMessage());
    }
}
