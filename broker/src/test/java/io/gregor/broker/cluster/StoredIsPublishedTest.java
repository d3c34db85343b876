package io.gregor.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.api.group.FindCoordinatorHandler;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.Listener;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.net.LocalPeer;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.broker.replica.Partitions;
import io.gregor.controller.ConfigResource;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MutationQuota;
import io.gregor.controller.SupportedFeature;
import io.gregor.controller.TopicImage;
import io.gregor.controller.TopicNames;
import io.gregor.log.LogConfig;
import io.gregor.log.LogDir;
import io.gregor.log.PartitionLog;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.AlterClientQuotasResponse;
import io.gregor.wire.message.CreatePartitionsRequest;
import io.gregor.wire.message.CreatePartitionsRequest.CreatePartitionsTopic;
import io.gregor.wire.message.CreatePartitionsResponse;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.DeleteTopicsRequest;
import io.gregor.wire.message.DeleteTopicsResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FeatureLevelRecord;
import io.gregor.wire.message.FindCoordinatorRequest;
import io.gregor.wire.message.FindCoordinatorResponse;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import io.gregor.wire.message.IncrementalAlterConfigsResponse;
import io.gregor.wire.message.TopicRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A change of the metadata that is durable is the state, whatever the disk makes of its partitions. */
class StoredIsPublishedTest {
    private static final short NEWEST = Short.MAX_VALUE;
    private static final ControllerContext CONTEXT = new ControllerContext((short) 4, "client");
    /** More partitions than this are opened in several steps. */
    private static final int STEP = 32;

    @TempDir
    Path root;

    private final RefusingDisk disk = new RefusingDisk();
    private final List<Runnable> background = new ArrayList<>();
    private final List<ErrorCode> failures = new ArrayList<>();
    private long nowMs = 1_700_000_000_000L;
    private LogDir folder;
    private Partitions partitions;
    private ClusterMetadata metadata;
    private LocalController controller;
    private LocalMetadataLog metadataLog;
    private Executor thread = Runnable::run;
    private LongSupplier nameServiceClock = () -> 0;
    private ByteBudget memory = new ByteBudget("metadata", 1 << 20);

    @BeforeEach
    void start() throws IOException {
        open();
        folder.begin();
    }

    private void open() throws IOException {
        LogEnvironment environment = new LogEnvironment(
                disk, () -> Instant.ofEpochMilli(nowMs), new Random(1), (task, delayMs) -> background.add(task));
        folder = new LogDir(environment, root, because -> failures.add(ErrorCode.KAFKA_STORAGE_ERROR));
        BrokerConfig config = BrokerConfig.of(Map.of());
        partitions = new Partitions(
                config, List.of(folder), List.of(new ManualLane()), environment.clock(), task -> thread.execute(task));
        PartitionLog log = folder.open("__cluster_metadata", 0, Uuid.METADATA_TOPIC, LogConfig.DEFAULT);
        metadata = new ClusterMetadata();
        ImagePublisher publisher = new ImagePublisher();
        metadataLog = new LocalMetadataLog(log, environment.clock(), LocalMetadataLog.SnapshotRules.of(config));
        controller = new LocalController(
                metadataLog,
                ControllerOperations.of(config, MutationQuota.Source.UNLIMITED, () -> false, new Random(nowMs++)),
                publisher,
                partitions::whenOpened,
                task -> thread.execute(task),
                Runnable::run,
                new HostNames(() -> nameServiceClock.getAsLong()),
                memory);
        FeatureLevelRecord feature =
                new FeatureLevelRecord().name(SupportedFeature.METADATA_VERSION).featureLevel((short) 29);
        MetadataImage loaded = controller.load(1, List.of(feature), "1", NEWEST, folder::rename);
        partitions.load(loaded);
        metadata.published(MetadataImage.EMPTY, loaded, controller.logEndOffset());
        publisher.follow(partitions);
        publisher.follow(metadata);
    }

    @Test
    void aPartitionThatCannotBeOpenedIsOfflineUntilItCan() throws IOException {
        disk.refuse("t-1");
        create("t", 3);
        TopicImage topic = topic("t");
        assertThat(topic.partitions()).hasSize(3);
        assertThat(partitions.find(topic.id(), 0)).isNotNull();
        assertThat(partitions.isOffline(topic.id(), 1)).isTrue();
        assertThat(partitions.find(topic.id(), 2)).isNotNull();
        retry();
        assertThat(partitions.isOffline(topic.id(), 1)).isTrue();
        disk.refuse("");
        retry();
        assertThat(partitions.find(topic.id(), 1)).isNotNull();
        assertThat(partitions.isRetryNeeded()).isFalse();
        assertThat(failures).isEmpty();
        assertTheSameAfterARestart();
    }

    @Test
    void aRequestWhoseHostsCannotBeLookedUpIsAnsweredAllTheSame() {
        nameServiceClock = () -> {
            throw new IllegalStateException("expected");
        };
        AlterClientQuotasRequest.EntityData host =
                new AlterClientQuotasRequest.EntityData().entityType("ip").entityName("host.invalid");
        AlterClientQuotasRequest request = new AlterClientQuotasRequest()
                .entries(List.of(new AlterClientQuotasRequest.EntryData().entity(List.of(host))));
        CompletableFuture<AlterClientQuotasResponse> answer =
                controller.<AlterClientQuotasResponse>submit(request, CONTEXT).toCompletableFuture();
        assertThat(answer).isCompleted();
        assertThat(answer.join().entries().get(0).errorCode()).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR.code());
    }

    @Test
    void whoLooksForAPartitionLearnsWhetherItIsGoneOrOffline() {
        disk.refuse("t-1");
        create("t", 2);
        PartitionLookup lookup = new PartitionLookup(metadata, partitions, 1);
        assertThat(lookup.find("t", 0)).isInstanceOf(PartitionLookup.Found.Online.class);
        assertThat(lookup.find("t", 1)).isEqualTo(new PartitionLookup.Found.Offline());
        assertThat(lookup.find("t", 2))
                .isEqualTo(new PartitionLookup.Found.Unknown(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
        assertThat(new PartitionLookup(metadata, partitions, 2).find("t", 1))
                .isEqualTo(new PartitionLookup.Found.NotLeader(1));
    }

    @Test
    void aPartitionThatCanBeOpenedHasTheOthersTriedAgainAtOnce() {
        disk.refuse("t-0");
        create("t", 1);
        for (int i = 0; i < 5; i++) {
            retry();
        }
        disk.refuse("");
        create("u", 1);
        assertThat(partitions.find(topic("t").id(), 0)).isNotNull();
    }

    @Test
    void partitionsThatAreAddedAreThereThoughOneCannotBeOpened() throws IOException {
        create("t", 1);
        disk.refuse("t-2");
        CreatePartitionsTopic topic =
                new CreatePartitionsTopic().name("t").count(4).assignments(null);
        CreatePartitionsResponse response =
                submit(new CreatePartitionsRequest().topics(List.of(topic)), CreatePartitionsResponse.class);
        assertThat(response.results().get(0).errorCode()).isEqualTo(ErrorCode.NONE.code());
        assertThat(topic("t").partitions()).hasSize(4);
        assertThat(partitions.isOffline(topic("t").id(), 2)).isTrue();
        assertThat(partitions.find(topic("t").id(), 3)).isNotNull();
        disk.refuse("");
        retry();
        assertThat(partitions.find(topic("t").id(), 2)).isNotNull();
        assertTheSameAfterARestart();
    }

    @Test
    void aTopicIsDeletedThoughAFolderCannotBeRenamed() throws IOException {
        create("t", 3);
        Uuid old = topic("t").id();
        disk.refuse("t-1");
        delete("t");
        assertThat(metadata.image().topic("t")).isNull();
        assertThat(partitions.find(old, 0)).isNull();
        create("t", 3);
        Uuid id = topic("t").id();
        assertThat(partitions.find(id, 0)).isNotNull();
        assertThat(partitions.isOffline(id, 1)).isTrue();
        disk.refuse("");
        retry();
        assertThat(partitions.find(id, 1)).isNotNull();
        assertThat(failures).isEmpty();
        runBackground();
        assertThat(names()).noneMatch(name -> name.endsWith("-stray") || name.endsWith("-delete"));
        assertTheSameAfterARestart();
    }

    @Test
    void whatIsHalfMadeGoesWithItsTopic() throws IOException {
        disk.refuse("t-0");
        create("t", 1);
        disk.refuse("");
        delete("t");
        runBackground();
        assertThat(names()).noneMatch(name -> name.startsWith("t-0"));
        assertThat(partitions.isRetryNeeded()).isFalse();
    }

    @Test
    void aChangeOfTooManyRecordsIsRefusedAsAWhole() {
        MetadataImage before = metadata.image();
        List<IncrementalAlterConfigsRequest.AlterConfigsResource> groups = new ArrayList<>();
        for (int i = 0; i < 10_001; i++) {
            groups.add(new IncrementalAlterConfigsRequest.AlterConfigsResource()
                    .resourceType(ConfigResource.GROUP)
                    .resourceName("g" + i)
                    .configs(List.of(new IncrementalAlterConfigsRequest.AlterableConfig()
                            .name("consumer.session.timeout.ms")
                            .value("50000"))));
        }
        IncrementalAlterConfigsResponse response =
                submit(new IncrementalAlterConfigsRequest().resources(groups), IncrementalAlterConfigsResponse.class);
        assertThat(response.responses())
                .hasSize(groups.size())
                .allMatch(result -> result.errorCode() == ErrorCode.POLICY_VIOLATION.code());
        assertThat(metadata.image()).isSameAs(before);
    }

    @Test
    void theMetadataTakeNoMoreMemoryThanTheyMay() throws IOException {
        List<String> groups = new ArrayList<>();
        String name = "g".repeat(32_000);
        while (configure(name + groups.size(), "50000") == ErrorCode.NONE) {
            groups.add(name + groups.size());
        }
        assertThat(groups).hasSizeBetween(10, 20);
        assertThat(configure(name, "50000")).isEqualTo(ErrorCode.POLICY_VIOLATION);
        assertThat(metadata.image().configs()).hasSize(groups.size());
        assertThat(memory.used()).isPositive().isLessThanOrEqualTo(memory.limit());

        memory = new ByteBudget("metadata", memory.limit() / 2);
        assertTheSameAfterARestart();
        assertThat(metadata.image().configs()).hasSize(groups.size());
        assertThat(configure("small", "50000")).isEqualTo(ErrorCode.POLICY_VIOLATION);
        for (String group : groups) {
            assertThat(configure(group, null)).isEqualTo(ErrorCode.NONE);
        }
        assertThat(memory.used()).isLessThan(1000);
        assertThat(configure("small", "50000")).isEqualTo(ErrorCode.NONE);
    }

    /** An older broker may have stored a topic without publishing it, and then another one of that name. */
    @Test
    void topicsOfOneNameGetNamesAndFoldersOfTheirOwn() throws IOException {
        create("t", 1);
        Uuid first = topic("t").id();
        Uuid second = new Uuid(7, 7);
        metadataLog.store(List.of(
                new TopicRecord().name("t").topicId(second),
                Objects.requireNonNull(topic("t").partition(0)).record(second)));
        folder.close();
        open();
        String name = "t-" + first;
        assertThat(topic("t").id()).isEqualTo(second);
        assertThat(topic(name).id()).isEqualTo(first);
        assertThat(partitions.find(first, 0)).isNotNull();
        assertThat(partitions.find(second, 0)).isNotNull();
        assertThat(names()).contains("t-0", name + "-0");
        assertTheSameAfterARestart();
        assertThat(metadata.image().topicsById()).containsOnlyKeys(first, second);
    }

    /** @param timeout null to delete the configuration */
    private ErrorCode configure(String group, @Nullable String timeout) {
        IncrementalAlterConfigsRequest.AlterConfigsResource resource =
                new IncrementalAlterConfigsRequest.AlterConfigsResource()
                        .resourceType(ConfigResource.GROUP)
                        .resourceName(group)
                        .configs(List.of(new IncrementalAlterConfigsRequest.AlterableConfig()
                                .name("consumer.session.timeout.ms")
                                .configOperation((byte) (timeout == null ? 1 : 0))
                                .value(timeout)));
        IncrementalAlterConfigsResponse response = submit(
                new IncrementalAlterConfigsRequest().resources(List.of(resource)),
                IncrementalAlterConfigsResponse.class);
        return ErrorCode.of(response.responses().get(0).errorCode());
    }

    /** Each step of a large change is a task, and what comes in between is not kept waiting. */
    @Test
    void manyPartitionsAreOpenedInSteps() throws IOException {
        Deque<Runnable> tasks = new ArrayDeque<>();
        thread = tasks::add;
        open();
        List<String> answered = new ArrayList<>();
        submitLater("large", 3 * STEP, answered);
        submitLater("small", 1, answered);
        tasks.remove().run();
        Uuid large = topic("large").id();
        assertThat(partitions.find(large, 0)).isNotNull();
        PartitionLookup lookup = new PartitionLookup(metadata, partitions, 1);
        assertThat(lookup.find(large, STEP)).isEqualTo(new PartitionLookup.Found.NotLeader(1));
        assertThat(partitions.isOffline(large, STEP)).isFalse();
        assertThat(partitions.isOpening(large)).isTrue();
        tasks.remove().run();
        assertThat(partitions.find(topic("small").id(), 0)).isNotNull();
        assertThat(answered).containsExactly("small");
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
        assertThat(answered).containsExactly("small", "large");
        assertThat(partitions.isOpening(large)).isFalse();
        assertThat(partitions.find(large, 3 * STEP - 1)).isNotNull();
    }

    /** A step later they are offline, and tried again. */
    @Test
    void partitionsThatWaitToBeOpenedAreNotOffline() {
        Deque<Runnable> tasks = new ArrayDeque<>();
        thread = tasks::add;
        disk.refuse("t-" + STEP);
        submitLater("t", STEP + 2, new ArrayList<>());
        tasks.remove().run();
        PartitionLookup lookup = new PartitionLookup(metadata, partitions, 1);
        assertThat(lookup.find("t", STEP)).isEqualTo(new PartitionLookup.Found.NotLeader(1));
        tasks.remove().run();
        assertThat(lookup.find("t", STEP)).isEqualTo(new PartitionLookup.Found.Offline());
        assertThat(lookup.find("t", STEP + 1)).isInstanceOf(PartitionLookup.Found.Online.class);
    }

    /** Who has found a coordinator may ask about any partition of its topic. */
    @Test
    void aCoordinatorIsFoundOnceAllPartitionsOfItsTopicAreOpened() {
        Deque<Runnable> tasks = new ArrayDeque<>();
        thread = tasks::add;
        assertThat(findCoordinator()).isEqualTo(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        tasks.remove().run();
        assertThat(topic(TopicNames.OFFSETS).partitions()).hasSizeGreaterThan(STEP);
        assertThat(findCoordinator()).isEqualTo(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
        assertThat(findCoordinator()).isEqualTo(ErrorCode.NONE);
    }

    private ErrorCode findCoordinator() {
        Listener listener = new Listener("PLAINTEXT", "localhost", 9092);
        ClusterInfo cluster = new ClusterInfo("c", 1, null, Map.of(listener.name(), listener), Set.of());
        TopicCreation creation = new TopicCreation(BrokerConfig.of(Map.of()), metadata, controller);
        OneReply<FindCoordinatorResponse> reply = new OneReply<>();
        new FindCoordinatorHandler(cluster, metadata, partitions, creation)
                .handle(
                        new LocalPeer(listener.name()).asks((short) 4, 0, "client", new ManualLane()),
                        new FindCoordinatorRequest().coordinatorKeys(List.of("group")),
                        reply);
        return ErrorCode.of(reply.sent().coordinators().get(0).errorCode());
    }

    private void assertTheSameAfterARestart() throws IOException {
        Map<String, TopicImage> before = metadata.image().topicsByName();
        folder.close();
        open();
        folder.putStraysAside();
        assertThat(metadata.image().topicsByName().keySet()).isEqualTo(before.keySet());
        before.forEach((name, topic) -> {
            assertThat(topic(name).id()).isEqualTo(topic.id());
            for (int i = 0; i < topic.partitions().size(); i++) {
                assertThat(partitions.find(topic.id(), i)).isNotNull();
            }
        });
        assertThat(names()).noneMatch(name -> name.endsWith("-stray"));
    }

    private List<String> names() throws IOException {
        try (var paths = Files.list(root)) {
            return paths.map(path -> String.valueOf(path.getFileName())).toList();
        }
    }

    private void runBackground() {
        List<Runnable> due = List.copyOf(background);
        background.clear();
        due.forEach(Runnable::run);
    }

    private void retry() {
        nowMs += 60_000;
        partitions.retryIfNeeded();
    }

    private TopicImage topic(String name) {
        return Objects.requireNonNull(metadata.image().topic(name));
    }

    private void create(String name, int count) {
        CreateTopicsResponse response = submit(creation(name, count), CreateTopicsResponse.class);
        assertThat(response.topics().get(0).errorCode()).isEqualTo(ErrorCode.NONE.code());
    }

    private static CreateTopicsRequest creation(String name, int count) {
        return new CreateTopicsRequest()
                .topics(List.of(new CreateTopicsRequest.CreatableTopic()
                        .name(name)
                        .numPartitions(count)
                        .replicationFactor((short) 1)));
    }

    private void delete(String name) {
        DeleteTopicsResponse response = submit(
                new DeleteTopicsRequest().topics(List.of(new DeleteTopicsRequest.DeleteTopicState().name(name))),
                DeleteTopicsResponse.class);
        assertThat(response.responses().get(0).errorCode()).isEqualTo(ErrorCode.NONE.code());
    }

    private <R extends Message> R submit(Message request, Class<R> response) {
        return response.cast(
                controller.<R>submit(request, CONTEXT).toCompletableFuture().join());
    }

    private void submitLater(String name, int count, List<String> answered) {
        controller
                .<CreateTopicsResponse>submit(creation(name, count), CONTEXT)
                .thenAccept(response -> answered.add(name));
    }
}
