package io.gregor.compat.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.RawClient;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.EntityData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.EntryData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.OpData;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicCollection;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.GetTelemetrySubscriptionsRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What connections announce, say of themselves, send all at once, or do not read. */
@Tag("once")
class ConnectionAttacksTest extends AttackTest {
    private static final int FRAMES_ANNOUNCED = 300;
    /** With as many long names of as many bytes there is more than the heap. */
    private static final int NAMES = 2_200;

    private static final int CONNECTIONS = 1_200;
    private static final int BEHIND_A_FETCH = 5_000;
    private static final int BEHIND_EACH_FETCH = 2_500;
    private static final int BEFORE_EACH_FETCH = 300;
    private static final int READERS_OF_NOTHING = 16;
    private static final int UNREAD_ANSWERS = 60;
    private static final int SESSIONS = 30;
    private static final int PARTITIONS_OF_A_SESSION = 20_000;

    ConnectionAttacksTest(@TempDir Path folder) throws Exception {
        super(folder);
    }

    private void closeAll(List<RawClient> clients) throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
    }

    @Test
    void framesThatAreAnnouncedAndNeverCome() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < FRAMES_ANNOUNCED; i++) {
            RawClient client = new RawClient(broker.port());
            client.send(ByteBuffer.allocate(14).putInt(100_000_000).array());
            clients.add(client);
        }
        // One that does not come in one piece.
        MetadataRequestData request = new MetadataRequestData()
                .setAllowAutoTopicCreation(false)
                .setTopics(Collections.nCopies(5_000, new MetadataRequestTopic().setName("nobody")));
        assertThat(broker.attack(ApiKeys.METADATA, (short) 4, request)).isNotNull();
        closeAll(clients);
    }

    @Test
    void connectionsThatComeAndGo() throws Exception {
        for (int i = 0; i < CONNECTIONS; i++) {
            try (RawClient client = new RawClient(broker.port())) {
                client.call(ApiKeys.API_VERSIONS, (short) 0, new ApiVersionsRequestData());
            }
        }
        broker.whileOthersAreServed(() -> true);
    }

    @Test
    void longNamesOfSoftware() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            RawClient client = new RawClient(broker.port());
            ApiVersionsRequestData request = new ApiVersionsRequestData()
                    .setClientSoftwareName(longName(i))
                    .setClientSoftwareVersion(longName(i));
            ApiMessage answer = client.call(ApiKeys.API_VERSIONS, (short) 3, request);
            assertThat(((ApiVersionsResponseData) answer).errorCode()).isZero();
            clients.add(client);
        }
        broker.whileOthersAreServed(() -> true);
        broker.assertUnharmed();
        closeAll(clients);
    }

    @Test
    void longClientIdsWithAQuota() throws Exception {
        AlterClientQuotasRequestData quota = new AlterClientQuotasRequestData()
                .setEntries(List.of(new EntryData()
                        .setEntity(List.of(
                                new EntityData().setEntityType("client-id").setEntityName(null)))
                        .setOps(List.of(
                                new OpData().setKey("request_percentage").setValue(100_000)))));
        assertThat(broker.attack(ApiKeys.ALTER_CLIENT_QUOTAS, (short) 0, quota)).isNotNull();
        withLongClientIds(ApiKeys.API_VERSIONS, new ApiVersionsRequestData());
    }

    @Test
    void longClientIdsThatAskForTelemetry() throws Exception {
        withLongClientIds(ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS, new GetTelemetrySubscriptionsRequestData());
    }

    private void withLongClientIds(ApiKeys api, ApiMessage request) throws Exception {
        broker.whileOthersAreServed(() -> {
            for (int i = 0; i < NAMES; i++) {
                try (RawClient client = new RawClient(broker.port(), longName(i))) {
                    client.call(api, (short) 0, request);
                }
            }
            return true;
        });
    }

    private static FetchRequestData fetch(String topic, int partitions) {
        return new FetchRequestData()
                .setMaxWaitMs(0)
                .setMinBytes(0)
                .setTopics(List.of(new FetchTopic()
                        .setTopic(topic)
                        .setPartitions(IntStream.range(0, partitions)
                                .mapToObj(i -> new FetchPartition().setPartition(i))
                                .toList())));
    }

    /** Of a topic without records. */
    private FetchRequestData fetchThatWaits(String topic, int ms) throws Exception {
        broker.create(new NewTopic(topic, 1, (short) 1));
        FetchPartition partition = new FetchPartition().setPartition(0).setPartitionMaxBytes(1024);
        return new FetchRequestData()
                .setMaxWaitMs(ms)
                .setMinBytes(1)
                .setTopics(List.of(new FetchTopic().setTopic(topic).setPartitions(List.of(partition))));
    }

    private static byte[] versions(int requests) {
        byte[] one = RawClient.frame(ApiKeys.API_VERSIONS, (short) 0, new ApiVersionsRequestData(), "behind");
        ByteBuffer all = ByteBuffer.allocate(one.length * requests);
        for (int i = 0; i < requests; i++) {
            all.put(one);
        }
        return all.array();
    }

    private static void answerVersions(RawClient client, int requests) throws IOException {
        for (int i = 0; i < requests; i++) {
            client.answer(ApiKeys.API_VERSIONS, (short) 0);
        }
    }

    /** Answers in their order, whose drain must not need the more stack the more there are. */
    @Test
    void manyRequestsBehindAFetchThatWaits() throws Exception {
        FetchRequestData fetch = fetchThatWaits("quiet", 500);
        broker.whileOthersAreServed(() -> {
            try (RawClient client = new RawClient(broker.port())) {
                Thread sender = new Thread(() -> sendQuietly(client, versions(BEHIND_A_FETCH)));
                client.send(ApiKeys.FETCH, (short) 11, fetch);
                sender.start();
                client.answer(ApiKeys.FETCH, (short) 11);
                answerVersions(client, BEHIND_A_FETCH);
                sender.join();
                return null;
            }
        });
    }

    /** Each request is small, and what is kept of it while it waits is not. */
    @Test
    void manyConnectionsWithManyRequestsBehindAFetchThatWaits() throws Exception {
        FetchRequestData fetch = fetchThatWaits("quieter", 60_000);
        List<RawClient> clients = new ArrayList<>();
        broker.whileOthersAreServed(() -> {
            for (int i = 0; i < CONNECTIONS; i++) {
                RawClient client = new RawClient(broker.port());
                clients.add(client);
                // So that the broker reads much at once.
                client.send(versions(BEFORE_EACH_FETCH));
                answerVersions(client, BEFORE_EACH_FETCH);
                client.send(ApiKeys.FETCH, (short) 11, fetch);
                client.send(versions(BEHIND_EACH_FETCH));
            }
            return null;
        });
        closeAll(clients);
    }

    private static void sendQuietly(RawClient client, byte[] bytes) {
        try {
            client.send(bytes);
        } catch (IOException e) {
            // The one that reads the answers fails, too.
        }
    }

    @Test
    void answersThatNobodyReads() throws Exception {
        DescribeConfigsRequestData request = new DescribeConfigsRequestData()
                .setIncludeSynonyms(true)
                .setIncludeDocumentation(true)
                .setResources(Collections.nCopies(
                        20,
                        new DescribeConfigsResource()
                                .setResourceType(ConfigResource.Type.TOPIC.id())
                                .setResourceName(Bystander.TOPIC.name())
                                .setConfigurationKeys(null)));
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < READERS_OF_NOTHING; i++) {
            RawClient client = new RawClient(broker.port());
            for (int j = 0; j < UNREAD_ANSWERS; j++) {
                client.send(ApiKeys.DESCRIBE_CONFIGS, (short) 3, request);
            }
            clients.add(client);
        }
        broker.whileOthersAreServed(() -> true);
        closeAll(clients);
    }

    @Test
    void fetchSessionsOfPartitionsThatNobodyKnows() throws Exception {
        List<FetchRequestData> requests = IntStream.range(0, SESSIONS)
                .mapToObj(i -> fetch("nobody-" + i, PARTITIONS_OF_A_SESSION).setSessionEpoch(0))
                .toList();
        for (FetchRequestData request : requests) {
            FetchResponseData answer = (FetchResponseData) broker.attack(ApiKeys.FETCH, (short) 11, request);
            assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
            assertThat(answer.responses().get(0).partitions()).hasSize(PARTITIONS_OF_A_SESSION);
        }
    }

    private static final String PLACE = "p".repeat(12_000);

    record Named(ApiKeys api, int version, Supplier<ApiMessage> request) {
        @Override
        public String toString() {
            return api + " " + version;
        }
    }

    static Stream<Named> requestsWithAName() {
        return Stream.of(
                new Named(ApiKeys.DESCRIBE_GROUPS, 0, () -> new DescribeGroupsRequestData().setGroups(List.of(PLACE))),
                new Named(ApiKeys.DESCRIBE_GROUPS, 5, () -> new DescribeGroupsRequestData().setGroups(List.of(PLACE))),
                new Named(
                        ApiKeys.DELETE_TOPICS,
                        1,
                        () -> new DeleteTopicsRequestData()
                                .setTopicNames(List.of(PLACE))
                                .setTimeoutMs(5_000)),
                new Named(
                        ApiKeys.CREATE_TOPICS,
                        2,
                        () -> new CreateTopicsRequestData()
                                .setTimeoutMs(5_000)
                                .setTopics(new CreatableTopicCollection(List.of(new CreatableTopic()
                                                .setName(PLACE)
                                                .setNumPartitions(1)
                                                .setReplicationFactor((short) 1))
                                        .iterator()))),
                new Named(
                        ApiKeys.METADATA,
                        4,
                        () -> new MetadataRequestData().setTopics(List.of(new MetadataRequestTopic().setName(PLACE)))),
                new Named(
                        ApiKeys.JOIN_GROUP,
                        2,
                        () -> new JoinGroupRequestData()
                                .setGroupId(PLACE)
                                .setSessionTimeoutMs(60_000)
                                .setRebalanceTimeoutMs(60_000)
                                .setProtocolType("consumer")),
                new Named(ApiKeys.FETCH, 11, () -> fetch(PLACE, 1).setSessionEpoch(-1)));
    }

    /** Bytes that are no text become three bytes each when they are written: too long for most fields. */
    @ParameterizedTest
    @MethodSource("requestsWithAName")
    void namesThatGrowWhenTheyAreWritten(Named named) throws Exception {
        byte[] frame = RawClient.frame(
                named.api(), (short) named.version(), named.request().get(), "grows");
        String text = new String(frame, StandardCharsets.ISO_8859_1);
        byte[] grows = text.replace(PLACE, "\u00ff".repeat(PLACE.length())).getBytes(StandardCharsets.ISO_8859_1);
        boolean answeredOrClosed = broker.whileOthersAreServed(() -> {
            try (RawClient client = new RawClient(broker.port())) {
                client.send(grows);
                client.answer(named.api(), (short) named.version());
            } catch (SocketTimeoutException e) {
                return false;
            } catch (IOException e) {
                return true;
            }
            return true;
        });
        assertThat(answeredOrClosed).isTrue();
        try (RawClient client = new RawClient(broker.port())) {
            client.awaitCoordinator((byte) 0);
            ListGroupsResponseData groups = (ListGroupsResponseData)
                    client.callUntilThere(ApiKeys.LIST_GROUPS, (short) 1, new ListGroupsRequestData());
            assertThat(Errors.forCode(groups.errorCode())).isEqualTo(Errors.NONE);
        }
    }
}
