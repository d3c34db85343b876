package io.gregor.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.controller.ConfigResource;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MutationQuota;
import io.gregor.controller.SupportedFeature;
import io.gregor.log.LogConfig;
import io.gregor.log.LogDir;
import io.gregor.log.PartitionLog;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.RealDisk;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.AllocateProducerIdsRequest;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.AlterUserScramCredentialsRequest;
import io.gregor.wire.message.AlterUserScramCredentialsRequest.ScramCredentialDeletion;
import io.gregor.wire.message.AlterUserScramCredentialsRequest.ScramCredentialUpsertion;
import io.gregor.wire.message.CreatePartitionsRequest;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.DeleteTopicsRequest;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import io.gregor.wire.message.UpdateFeaturesRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random changes of the metadata, by seed, with snapshots in between. The broker dies at any byte of what it appends
 * and at any step of a snapshot; what is loaded then is what all durable changes make, one after another.
 */
class MetadataCrashTest {
    private static final int CHANGES = 60;
    private static final String LOG = "__cluster_metadata-0/00000000000000000000.log";
    private static final List<String> NAMES = List.of("a", "b", "c", "d");

    @TempDir
    Path folder;

    private final BrokerConfig config = BrokerConfig.of(Map.of());
    private Random random = new Random();
    private long nowMs = 1_700_000_000_000L;
    private int copies;
    private LocalController controller;
    private ImagePublisher publisher;
    private Path live;
    /** Made by each change on the image of the one before. */
    private MetadataImage image = MetadataImage.EMPTY;

    @BeforeEach
    void start() throws IOException {
        begin(Files.createDirectory(folder.resolve("live")));
    }

    static List<Long> seeds() {
        return List.of(1L, 2L, System.nanoTime());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatIsDurableIsLoaded(long seed) throws IOException {
        random = new Random(seed);
        image = publisher.published();
        int snapshots = 0;
        int cuts = 0;
        for (int i = 0; i < CHANGES; i++) {
            Path before = copy(live);
            MetadataImage imageBefore = image;
            change();
            image = publisher.published();
            String when = "seed " + seed + ", change " + i;
            long from = Files.size(before.resolve(LOG));
            long to = Files.size(live.resolve(LOG));
            boolean snapshot = snapshots(live).size() > snapshots(before).size()
                    || !snapshots(live).equals(snapshots(before));
            snapshots += snapshot ? 1 : 0;
            assertSame(load(copy(live)), image, when);
            if (to > from) {
                long cut = from + random.nextLong(to - from);
                Path dead = copy(before);
                truncatedCopy(live.resolve(LOG), dead.resolve(LOG), cut);
                assertSame(load(dead), imageBefore, when + ", cut at " + cut);
                cuts++;
            }
            if (snapshot) {
                diesWithASnapshot(before, live, when);
            }
            if (random.nextInt(10) == 0) {
                begin(copy(live));
                assertSame(publisher.published(), image, when + ", goes on");
            }
        }
        assertThat(snapshots).isPositive();
        assertThat(cuts).isGreaterThan(CHANGES / 4);
    }

    /** The snapshot is half written, or there while the older ones are not deleted yet, or damaged. */
    private void diesWithASnapshot(Path before, Path after, String when) throws IOException {
        List<String> made = new ArrayList<>(snapshots(after));
        String newest = made.get(made.size() - 1);
        Path half = copy(before);
        Files.copy(after.resolve(LOG), half.resolve(LOG), StandardCopyOption.REPLACE_EXISTING);
        Path whole = after.resolve("__cluster_metadata-0").resolve(newest);
        truncatedCopy(
                whole,
                half.resolve("__cluster_metadata-0").resolve(newest + ".tmp"),
                random.nextLong(Files.size(whole)));
        assertSame(load(half), image, when + ", half a snapshot");
        Path both = copy(after);
        for (String older : snapshots(before)) {
            Path name = Path.of("__cluster_metadata-0", older);
            Files.copy(before.resolve(name), both.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        assertSame(load(both), image, when + ", nothing deleted yet");
        Path damaged = copy(after);
        Path file = damaged.resolve("__cluster_metadata-0").resolve(newest);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(random.nextLong(channel.size()));
        }
        assertSame(load(damaged), image, when + ", a damaged snapshot");
    }

    private static List<String> snapshots(Path root) throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("__cluster_metadata-0"))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.matches("\\d+-\\d+\\.checkpoint"))
                    .sorted()
                    .toList();
        }
    }

    private static void truncatedCopy(Path from, Path to, long bytes) throws IOException {
        ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(from), 0, (int) bytes);
        try (FileChannel channel = FileChannel.open(
                to, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(content);
        }
    }

    private Path copy(Path root) throws IOException {
        Path target = folder.resolve("copy" + copies++);
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.toList()) {
                Files.copy(path, target.resolve(root.relativize(path).toString()));
            }
        }
        return target;
    }

    private PartitionLog log(Path root) throws IOException {
        LogEnvironment environment = new LogEnvironment(
                new RealDisk(), () -> Instant.ofEpochMilli(nowMs), new Random(1), (task, delayMs) -> task.run());
        LogDir opened = new LogDir(environment, root, because -> {
            throw new AssertionError(because);
        });
        return opened.open("__cluster_metadata", 0, Uuid.METADATA_TOPIC, LogConfig.DEFAULT);
    }

    private LocalMetadataLog metadataLog(Path root) throws IOException {
        return new LocalMetadataLog(
                log(root), () -> Instant.ofEpochMilli(nowMs), new LocalMetadataLog.SnapshotRules(1500, 0));
    }

    private MetadataImage load(Path root) throws IOException {
        return metadataLog(root).load();
    }

    private static void assertSame(MetadataImage actual, MetadataImage expected, String when) {
        assertThat(actual.topicsById()).as(when).isEqualTo(expected.topicsById());
        assertThat(actual.topicsByName()).as(when).isEqualTo(expected.topicsByName());
        assertThat(actual.configs()).as(when).isEqualTo(expected.configs());
        assertThat(actual.features()).as(when).isEqualTo(expected.features());
        assertThat(actual.quotas().all()).as(when).isEqualTo(expected.quotas().all());
        assertThat(actual.nextProducerId()).as(when).isEqualTo(expected.nextProducerId());
        // Bytes in records are not equal by themselves.
        assertThat(actual.scram()).as(when).usingRecursiveComparison().isEqualTo(expected.scram());
    }

    private void begin(Path root) throws IOException {
        publisher = new ImagePublisher();
        controller = new LocalController(
                metadataLog(root),
                ControllerOperations.of(config, MutationQuota.Source.UNLIMITED, () -> false, () -> random.nextLong()),
                publisher,
                Runnable::run,
                Runnable::run,
                Runnable::run,
                new HostNames(() -> 0),
                new ByteBudget("metadata", 1 << 24));
        controller.load(1, Features.bootstrapRecords(), "1", Features.newestMetadataVersion(config), names -> {});
        live = root;
    }

    private void change() {
        nowMs += 1000;
        Message request = switch (random.nextInt(9)) {
            case 0, 1 -> creation();
            case 2 ->
                new CreatePartitionsRequest()
                        .topics(List.of(new CreatePartitionsRequest.CreatePartitionsTopic()
                                .name(name())
                                .count(random.nextInt(9))
                                .assignments(null)));
            case 3 ->
                new DeleteTopicsRequest().topics(List.of(new DeleteTopicsRequest.DeleteTopicState().name(name())));
            case 4 -> configuration();
            case 5 -> quota();
            case 6 -> credential();
            case 7 -> feature();
            default -> new AllocateProducerIdsRequest().brokerId(1).brokerEpoch(-1);
        };
        short version = (short) (request instanceof UpdateFeaturesRequest ? 1 : 5);
        assertThat(controller
                        .submit(request, new ControllerContext(version, "client"))
                        .toCompletableFuture())
                .isDone();
    }

    private String name() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private CreateTopicsRequest creation() {
        return new CreateTopicsRequest()
                .topics(List.of(new CreateTopicsRequest.CreatableTopic()
                        .name(name())
                        .numPartitions(1 + random.nextInt(5))
                        .replicationFactor((short) 1)
                        .configs(List.of(new CreateTopicsRequest.CreatableTopicConfig()
                                .name("min.insync.replicas")
                                .value(String.valueOf(1 + random.nextInt(2)))))));
    }

    private IncrementalAlterConfigsRequest configuration() {
        boolean ofTopic = random.nextBoolean();
        boolean isSet = random.nextBoolean();
        return new IncrementalAlterConfigsRequest()
                .resources(List.of(new IncrementalAlterConfigsRequest.AlterConfigsResource()
                        .resourceType(ofTopic ? ConfigResource.TOPIC : ConfigResource.BROKER)
                        .resourceName(ofTopic ? name() : random.nextBoolean() ? "" : "1")
                        .configs(List.of(new IncrementalAlterConfigsRequest.AlterableConfig()
                                .name(random.nextBoolean() ? "min.insync.replicas" : "max.connections")
                                .configOperation((byte) (isSet ? 0 : 1))
                                .value(isSet ? String.valueOf(1 + random.nextInt(3)) : null)))));
    }

    private AlterClientQuotasRequest quota() {
        return new AlterClientQuotasRequest()
                .entries(List.of(new AlterClientQuotasRequest.EntryData()
                        .entity(List.of(new AlterClientQuotasRequest.EntityData()
                                .entityType("client-id")
                                .entityName(random.nextInt(4) == 0 ? null : name())))
                        .ops(List.of(new AlterClientQuotasRequest.OpData()
                                .key("consumer_byte_rate")
                                .value(1 + random.nextInt(4))
                                .remove(random.nextInt(3) == 0)))));
    }

    private AlterUserScramCredentialsRequest credential() {
        byte mechanism = (byte) (1 + random.nextInt(2));
        if (random.nextInt(3) == 0) {
            return new AlterUserScramCredentialsRequest()
                    .deletions(
                            List.of(new ScramCredentialDeletion().name(name()).mechanism(mechanism)));
        }
        byte[] password = new byte[32];
        random.nextBytes(password);
        return new AlterUserScramCredentialsRequest()
                .upsertions(List.of(new ScramCredentialUpsertion()
                        .name(name())
                        .mechanism(mechanism)
                        .iterations(4096)
                        .salt(new byte[8])
                        .saltedPassword(password)));
    }

    private UpdateFeaturesRequest feature() {
        boolean isGroup = random.nextBoolean();
        return new UpdateFeaturesRequest()
                .featureUpdates(List.of(new UpdateFeaturesRequest.FeatureUpdateKey()
                        .feature(isGroup ? SupportedFeature.GROUP_VERSION : SupportedFeature.TRANSACTION_VERSION)
                        .maxVersionLevel((short) random.nextInt(isGroup ? 2 : 3))
                        .upgradeType((byte) (1 + random.nextInt(3)))));
    }
}
