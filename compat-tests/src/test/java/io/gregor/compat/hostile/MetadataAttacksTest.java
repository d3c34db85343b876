package io.gregor.compat.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.RawClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.EntityData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.EntryData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.OpData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDir;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDirCollection;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopic;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopicCollection;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResourceCollection;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfigCollection;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes of the metadata that are large, or many: what would not fit is refused, others get their topics, and the
 * broker starts with what it took.
 */
@Tag("once")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MetadataAttacksTest extends AttackTest {
    private static final int TOO_MANY = 10_001;
    private static final int MANY = 40_000;
    private static final int LONG_NAMES = 2_250;
    private static final int LONG_NAMES_AT_ONCE = 150;
    private static final int BITS = 13;

    MetadataAttacksTest(@TempDir Path folder) throws Exception {
        super(folder);
    }

    /** None of them is made, as there are too many for one change; another client gets its topic meanwhile. */
    @Test
    @Order(1)
    void namesThatAreToBeMadeTopics() throws Exception {
        MetadataRequestData request = new MetadataRequestData()
                .setAllowAutoTopicCreation(true)
                .setTopics(IntStream.range(0, MANY)
                        .mapToObj(i -> new MetadataRequestTopic().setName("new-" + i))
                        .toList());
        try (RawClient client = new RawClient(broker.port())) {
            client.send(ApiKeys.METADATA, (short) 4, request);
            broker.create(new NewTopic("other", 1, (short) 1));
            assertThat(client.answer(ApiKeys.METADATA, (short) 4)).isNotNull();
        }
    }

    @Test
    @Order(1)
    void topicsToDeleteThatNobodyKnows() throws Exception {
        DeleteTopicsRequestData request = new DeleteTopicsRequestData()
                .setTimeoutMs(60_000)
                .setTopicNames(IntStream.range(0, MANY).mapToObj(i -> "no-" + i).toList());
        try (RawClient client = new RawClient(broker.port())) {
            client.send(ApiKeys.DELETE_TOPICS, (short) 3, request);
            broker.create(new NewTopic("another", 1, (short) 1));
            DeleteTopicsResponseData answer =
                    (DeleteTopicsResponseData) client.answer(ApiKeys.DELETE_TOPICS, (short) 3);
            assertThat(answer.responses()).hasSize(MANY);
        }
    }

    private static IncrementalAlterConfigsRequestData configs(
            ConfigResource.Type type, int count, IntFunction<String> name, String config, String value) {
        AlterConfigsResourceCollection resources = new AlterConfigsResourceCollection();
        for (int i = 0; i < count; i++) {
            AlterableConfigCollection changes = new AlterableConfigCollection();
            if (config != null) {
                changes.add(new AlterableConfig().setName(config).setValue(value));
            }
            resources.add(new AlterConfigsResource()
                    .setResourceType(type.id())
                    .setResourceName(name.apply(i))
                    .setConfigs(changes));
        }
        return new IncrementalAlterConfigsRequestData().setResources(resources);
    }

    private static List<Errors> errors(ApiMessage answer) {
        return ((IncrementalAlterConfigsResponseData) answer)
                .responses().stream()
                        .map(response -> Errors.forCode(response.errorCode()))
                        .distinct()
                        .toList();
    }

    @Test
    @Order(1)
    void configurationsOfTooManyResources() throws Exception {
        ApiMessage answer = broker.attack(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                (short) 0,
                configs(
                        ConfigResource.Type.GROUP,
                        TOO_MANY,
                        i -> "group-" + i,
                        "consumer.session.timeout.ms",
                        "50000"));
        assertThat(errors(answer)).containsExactly(Errors.POLICY_VIOLATION);
    }

    @Test
    @Order(1)
    void loggersThatNobodyKnows() throws Exception {
        ApiMessage answer = broker.attack(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                (short) 0,
                configs(ConfigResource.Type.BROKER_LOGGER, MANY, i -> "node-" + i, null, null));
        assertThat(((IncrementalAlterConfigsResponseData) answer).responses()).hasSize(MANY);
    }

    private static AlterClientQuotasRequestData quotas(int count, IntFunction<String> name) {
        return new AlterClientQuotasRequestData()
                .setEntries(IntStream.range(0, count)
                        .mapToObj(i -> new EntryData()
                                .setEntity(List.of(new EntityData()
                                        .setEntityType("client-id")
                                        .setEntityName(name.apply(i))))
                                .setOps(List.of(new OpData()
                                        .setKey("producer_byte_rate")
                                        .setValue(1e9))))
                        .toList());
    }

    private static List<Errors> ofQuotas(ApiMessage answer) {
        return ((AlterClientQuotasResponseData) answer)
                .entries().stream()
                        .map(entry -> Errors.forCode(entry.errorCode()))
                        .distinct()
                        .toList();
    }

    @Test
    @Order(1)
    void quotasOfTooManyClients() throws Exception {
        ApiMessage answer = broker.attack(ApiKeys.ALTER_CLIENT_QUOTAS, (short) 0, quotas(TOO_MANY, i -> "client-" + i));
        assertThat(ofQuotas(answer)).containsExactly(Errors.POLICY_VIOLATION);
    }

    @Test
    @Order(1)
    void quotasOfClientsWhoseIdsHaveOneHashValue() throws Exception {
        ApiMessage answer = broker.attack(ApiKeys.ALTER_CLIENT_QUOTAS, (short) 0, quotas(1 << BITS, i -> {
            StringBuilder name = new StringBuilder();
            for (int bit = 0; bit < BITS; bit++) {
                name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            return name.toString();
        }));
        assertThat(ofQuotas(answer)).isSubsetOf(Errors.NONE, Errors.POLICY_VIOLATION);
    }

    /** Where a partition shall lie that is not there is remembered, but not for as many as one likes. */
    @Test
    @Order(1)
    void placesOfPartitionsThatNobodyKnows() throws Exception {
        for (int k = 0; k < 5; k++) {
            AlterReplicaLogDirTopicCollection topics = new AlterReplicaLogDirTopicCollection();
            for (int i = 0; i < MANY; i++) {
                topics.add(new AlterReplicaLogDirTopic()
                        .setName(k + "-" + i + "-" + "t".repeat(190))
                        .setPartitions(List.of(0)));
            }
            AlterReplicaLogDirCollection dirs = new AlterReplicaLogDirCollection();
            dirs.add(new AlterReplicaLogDir()
                    .setPath(broker.data().toRealPath().toString())
                    .setTopics(topics));
            AlterReplicaLogDirsResponseData answer = (AlterReplicaLogDirsResponseData) broker.attack(
                    ApiKeys.ALTER_REPLICA_LOG_DIRS, (short) 1, new AlterReplicaLogDirsRequestData().setDirs(dirs));
            assertThat(answer.results()).hasSize(MANY);
        }
    }

    @Test
    @Order(2)
    void longNamesOfResourcesAndARestart() throws Exception {
        List<Errors> seen = new ArrayList<>();
        for (int from = 0; from < LONG_NAMES; from += LONG_NAMES_AT_ONCE) {
            int first = from;
            seen.addAll(errors(broker.attack(
                    ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                    (short) 0,
                    configs(
                            ConfigResource.Type.GROUP,
                            LONG_NAMES_AT_ONCE,
                            i -> longName(first + i),
                            "consumer.session.timeout.ms",
                            "50000"))));
        }
        assertThat(seen).contains(Errors.POLICY_VIOLATION).isSubsetOf(Errors.NONE, Errors.POLICY_VIOLATION);
        broker.restart();
    }
}
