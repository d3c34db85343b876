package io.gregor.broker.seed;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.security.sasl.ScramHash;
import io.gregor.broker.seed.Seed.Acl;
import io.gregor.broker.seed.Seed.Group;
import io.gregor.broker.seed.Seed.Quota;
import io.gregor.broker.seed.Seed.Topic;
import io.gregor.broker.seed.Seed.User;
import io.gregor.controller.ConfigResource;
import io.gregor.controller.QuotaEntity;
import io.gregor.controller.TopicImage;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.AlterClientQuotasRequest.OpData;
import io.gregor.wire.message.AlterClientQuotasResponse;
import io.gregor.wire.message.AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.CreateAclsRequest;
import io.gregor.wire.message.CreateAclsResponse;
import io.gregor.wire.message.CreatePartitionsRequest;
import io.gregor.wire.message.CreatePartitionsRequest.CreatePartitionsTopic;
import io.gregor.wire.message.CreatePartitionsResponse;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopic;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopicConfig;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterConfigsResource;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterableConfig;
import io.gregor.wire.message.IncrementalAlterConfigsResponse;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Does what one seed says, as requests of Kafka's protocol. Confined to the thread that starts the broker. Where it is
 * to be done once, only what is not there yet is done.
 */
final class SeedApplication {
    static final int CREATE_TOPICS = 7;
    static final int QUOTAS = 1;
    private static final int CREATE_PARTITIONS = 3;
    private static final int ALTER_CONFIGS = 1;
    private static final int CREATE_ACLS = 3;
    private static final int TIMEOUT_MS = 60_000;

    private final OwnRequests broker;
    private final ClusterMetadata metadata;
    private final InstantSource clock;
    private final ScramPasswords passwords;
    private final Seed seed;

    SeedApplication(OwnRequests broker, ClusterMetadata metadata, InstantSource clock, SecureRandom random, Seed seed) {
        this.broker = broker;
        this.metadata = metadata;
        this.clock = clock;
        this.passwords = new ScramPasswords(broker, random);
        this.seed = seed;
    }

    /** @return what was done, for the log; empty if all of it was there */
    List<String> apply() throws IOException, InterruptedException {
        Map<String, Integer> done = new HashMap<>();
        for (Topic topic : seed.topics()) {
            count(done, "topics", apply(topic));
        }
        count(done, "records", new SeedRecords(broker, metadata, clock, seed).append());
        SeedOffsets offsets = new SeedOffsets(broker, metadata, seed.eachStart());
        for (Group group : seed.groups()) {
            count(done, "offsets", offsets.commit(group));
        }
        for (User user : seed.users()) {
            count(done, "users", apply(user));
        }
        for (Acl acl : seed.acls()) {
            count(done, "ACLs", apply(acl));
        }
        for (Quota quota : seed.quotas()) {
            count(done, "quotas", apply(quota));
        }
        List<String> lines = new ArrayList<>();
        for (String kind : List.of("topics", "records", "offsets", "users", "ACLs", "quotas")) {
            if (done.getOrDefault(kind, 0) > 0) {
                lines.add(kind + " " + done.get(kind));
            }
        }
        return lines;
    }

    private static void count(Map<String, Integer> done, String kind, int more) {
        done.merge(kind, more, Integer::sum);
    }

    static void requireDone(YamlNode at, short error, @Nullable String message) {
        if (error != ErrorCode.NONE.code()) {
            ErrorCode code = ErrorCode.of(error);
            throw at.refused(message == null || message.isEmpty() ? code + ": " + code.message() : message);
        }
    }

    static CreateTopicsRequest creation(Topic topic) {
        List<CreatableTopicConfig> configs = new ArrayList<>();
        topic.configs()
                .forEach((key, value) ->
                        configs.add(new CreatableTopicConfig().name(key).value(value)));
        return new CreateTopicsRequest()
                .timeoutMs(TIMEOUT_MS)
                .topics(List.of(new CreatableTopic()
                        .name(topic.name())
                        .numPartitions(topic.partitions())
                        .replicationFactor((short) -1)
                        .configs(configs)));
    }

    private int apply(Topic topic) throws IOException, InterruptedException {
        TopicImage there = metadata.image().topic(topic.name());
        if (there == null) {
            CreateTopicsResponse response =
                    broker.ask(CreateTopicsResponse.class, ApiKey.CREATE_TOPICS, CREATE_TOPICS, creation(topic));
            CreateTopicsResponse.CreatableTopicResult result = response.topics().get(0);
            requireDone(topic.at(), result.errorCode(), result.errorMessage());
            return 1;
        }
        if (!seed.eachStart()) {
            return 0;
        }
        return addPartitions(topic, there.partitions().size()) | alterConfigs(topic);
    }

    private int addPartitions(Topic topic, int now) throws IOException, InterruptedException {
        if (topic.partitions() <= now) {
            return 0;
        }
        CreatePartitionsResponse response = broker.ask(
                CreatePartitionsResponse.class,
                ApiKey.CREATE_PARTITIONS,
                CREATE_PARTITIONS,
                new CreatePartitionsRequest()
                        .timeoutMs(TIMEOUT_MS)
                        .topics(List.of(new CreatePartitionsTopic()
                                .name(topic.name())
                                .count(topic.partitions())
                                .assignments(null))));
        CreatePartitionsResponse.CreatePartitionsTopicResult result =
                response.results().get(0);
        requireDone(topic.at(), result.errorCode(), result.errorMessage());
        return 1;
    }

    private int alterConfigs(Topic topic) throws IOException, InterruptedException {
        Map<String, String> now = metadata.image().configOf(new ConfigResource(ConfigResource.TOPIC, topic.name()));
        List<AlterableConfig> changes = new ArrayList<>();
        topic.configs().forEach((key, value) -> {
            if (!value.equals(now.get(key))) {
                changes.add(new AlterableConfig().name(key).value(value));
            }
        });
        if (changes.isEmpty()) {
            return 0;
        }
        alter(broker, topic, changes, false);
        return 1;
    }

    /** @param validateOnly whether nothing is to be changed yet */
    static void alter(OwnRequests broker, Topic topic, List<AlterableConfig> changes, boolean validateOnly)
            throws IOException, InterruptedException {
        IncrementalAlterConfigsResponse response = broker.ask(
                IncrementalAlterConfigsResponse.class,
                ApiKey.INCREMENTAL_ALTER_CONFIGS,
                ALTER_CONFIGS,
                new IncrementalAlterConfigsRequest()
                        .validateOnly(validateOnly)
                        .resources(List.of(new AlterConfigsResource()
                                .resourceType(ConfigResource.TOPIC)
                                .resourceName(topic.name())
                                .configs(changes))));
        IncrementalAlterConfigsResponse.AlterConfigsResourceResponse result =
                response.responses().get(0);
        requireDone(topic.at(), result.errorCode(), result.errorMessage());
    }

    private int apply(User user) throws IOException, InterruptedException {
        Map<Byte, ?> there = metadata.image().scram().getOrDefault(user.name(), Map.of());
        int set = 0;
        for (ScramHash mechanism : user.mechanisms()) {
            if (seed.eachStart() || !there.containsKey(mechanism.number())) {
                AlterUserScramCredentialsResult result =
                        passwords.set(user.name(), user.password(), mechanism, user.iterations());
                requireDone(user.at(), result.errorCode(), result.errorMessage());
                set = 1;
            }
        }
        return set;
    }

    /** One that is there already is not made again. */
    private int apply(Acl acl) throws IOException, InterruptedException {
        int before = metadata.image().acls().size();
        CreateAclsResponse response = broker.ask(
                CreateAclsResponse.class,
                ApiKey.CREATE_ACLS,
                CREATE_ACLS,
                new CreateAclsRequest().creations(List.of(acl.creation())));
        CreateAclsResponse.AclCreationResult result = response.results().get(0);
        requireDone(acl.at(), result.errorCode(), result.errorMessage());
        return metadata.image().acls().size() - before;
    }

    private int apply(Quota quota) throws IOException, InterruptedException {
        Map<String, @Nullable String> names = new HashMap<>();
        quota.entry().entity().forEach(part -> names.put(part.entityType(), part.entityName()));
        Map<String, Double> there = metadata.image().quotas().of(new QuotaEntity(names));
        List<OpData> changes = new ArrayList<>(quota.entry().ops());
        changes.removeIf(change -> {
            Double now = there.get(change.key());
            return now != null && (!seed.eachStart() || now == change.value());
        });
        if (changes.isEmpty()) {
            return 0;
        }
        AlterClientQuotasResponse response = broker.ask(
                AlterClientQuotasResponse.class,
                ApiKey.ALTER_CLIENT_QUOTAS,
                QUOTAS,
                new AlterClientQuotasRequest()
                        .entries(List.of(new AlterClientQuotasRequest.EntryData()
                                .entity(quota.entry().entity())
                                .ops(changes))));
        AlterClientQuotasResponse.EntryData result = response.entries().get(0);
        requireDone(quota.at(), result.errorCode(), result.errorMessage());
        return changes.size();
    }
}
