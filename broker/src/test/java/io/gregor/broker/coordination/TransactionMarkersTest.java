package io.gregor.broker.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.replica.FailingDisk;
import io.gregor.broker.replica.OnePartition;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.broker.replica.Partitions;
import io.gregor.controller.TopicNames;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.coordinator.transaction.MarkerWriter;
import io.gregor.log.LogDir;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.RealDisk;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.message.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransactionMarkersTest {
    private static final long RETRY_MS = 10_000;
    private static final TopicPartition TARGET = new TopicPartition("t", 0);

    @TempDir
    Path root;

    private final AtomicBoolean offline = new AtomicBoolean();
    private final List<Long> attempts = new ArrayList<>();
    private final AtomicInteger done = new AtomicInteger();
    private final ManualTime time = new ManualTime();
    private final ManualLane coordinator = new ManualLane(time);

    @Test
    void aPartitionThatIsOfflineIsOwedItsMarkerUntilItsTopicIsGone() throws IOException {
        offline.set(true);
        write();
        for (int i = 0; i < 3; i++) {
            time.advance(RETRY_MS);
            assertThat(done).hasValue(0);
        }

        offline.set(false);
        time.advance(RETRY_MS);

        assertThat(done).hasValue(1);
        assertThat(coordinator.scheduled()).isZero();
    }

    @Test
    void aPartitionThatDoesNotExistNeedsNoMarker() throws IOException {
        write();

        assertThat(done).hasValue(1);
        assertThat(coordinator.scheduled()).isZero();
    }

    /** Else a power loss could leave a transaction open that nobody ends. */
    @Test
    void aMarkerIsWrittenOnceItIsAsDurableAsItsPartitionWants() throws IOException {
        assertMarkerWaitsForItsFlush(Map.of("flush.messages", "1"), Map.of());
    }

    /** Else the power loss takes it, but not what the coordinator stores after it: that the transaction is complete. */
    @Test
    void aMarkerIsNoLessDurableThanWhatTheCoordinatorStores() throws IOException {
        assertMarkerWaitsForItsFlush(Map.of(), Map.of("flush.messages", "1"));
    }

    private void assertMarkerWaitsForItsFlush(Map<String, String> config, Map<String, String> ofCoordinator)
            throws IOException {
        OnePartition t = partition("logs", config);
        new TransactionMarkers(target -> new PartitionLookup.Found.Online(t.partition()), groups(), new Random(1))
                .writerFor(partition("coordinator", ofCoordinator).partition())
                .write(new MarkerWriter.Marker(1, (short) 0, true, false), Set.of(TARGET), done::incrementAndGet);
        assertThat(t.partition().view().endOffset()).isEqualTo(1);
        assertThat(done).hasValue(0);

        t.runBackground();

        assertThat(done).hasValue(1);
    }

    /** A folder is full: markers cannot be written until it has room. */
    @Test
    void whatFailsIsTriedAgainEverLaterUntilItWorks() throws IOException {
        FailingDisk disk = new FailingDisk();
        writeToFullDisk(disk);
        List<Long> waits = new ArrayList<>();
        for (int i = 1; i < attempts.size(); i++) {
            waits.add(attempts.get(i) - attempts.get(i - 1));
        }
        assertThat(waits).first().satisfies(wait -> assertThat(wait).isBetween(50L, 100L));
        assertThat(waits).last().satisfies(wait -> assertThat(wait).isBetween(5000L, 10_000L));
        assertThat(attempts).hasSizeLessThan(30);
        assertThat(done).hasValue(0);

        disk.failWrites(null);
        time.advance(RETRY_MS);

        assertThat(done).hasValue(1);
        assertThat(coordinator.scheduled()).isZero();
    }

    @Test
    void aTopicThatIsDeletedMeanwhileIsOwedNothingAtOnce() throws IOException {
        FailingDisk disk = new FailingDisk();
        OnePartition t = writeToFullDisk(disk);

        t.delete();

        assertThat(done).hasValue(1);
        assertThat(coordinator.scheduled()).isZero();
    }

    /** For a minute and a half. */
    private OnePartition writeToFullDisk(FailingDisk disk) throws IOException {
        OnePartition t = new OnePartition(
                disk.disk(),
                Files.createDirectory(root.resolve("full")),
                coordinator,
                InstantSource.system(),
                Map.of());
        Partition partition = t.partition();
        disk.failWrites(FailingDisk.Failure.DISK);
        new TransactionMarkers(
                        target -> {
                            attempts.add(time.millis());
                            return new PartitionLookup.Found.Online(partition);
                        },
                        groups(),
                        new Random(1))
                .writerFor(partition("coordinator", Map.of()).partition())
                .write(new MarkerWriter.Marker(1, (short) 0, true, false), Set.of(TARGET), done::incrementAndGet);
        for (int i = 0; i < 9_000; i++) {
            time.advance(10);
        }
        return t;
    }

    private OnePartition partition(String folder, Map<String, String> config) throws IOException {
        Path logs = Files.createDirectory(root.resolve(folder));
        return new OnePartition(new RealDisk(), logs, coordinator, InstantSource.system(), config);
    }

    private void write() throws IOException {
        TransactionMarkers markers = new TransactionMarkers(
                target -> offline.get()
                        ? new PartitionLookup.Found.Offline()
                        : new PartitionLookup.Found.Unknown(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
                groups(),
                new Random(1));
        markers.writerFor(partition("coordinator", Map.of()).partition())
                .write(new MarkerWriter.Marker(1, (short) 0, true, false), Set.of(TARGET), done::incrementAndGet);
    }

    /** None is ever asked: the target is not in the offsets topic. */
    private CoordinatorShards<GroupShard> groups() throws IOException {
        LogEnvironment environment =
                new LogEnvironment(new RealDisk(), InstantSource.system(), new Random(1), (task, delayMs) -> {});
        LogDir folder = new LogDir(environment, root, because -> {});
        folder.begin();
        BrokerConfig config = BrokerConfig.of(Map.of());
        Partitions partitions =
                new Partitions(config, List.of(folder), List.of(coordinator), environment.clock(), Runnable::run);
        ClusterMetadata metadata = new ClusterMetadata();
        return new CoordinatorShards<>(
                TopicNames.OFFSETS,
                metadata,
                partitions,
                Runnable::run,
                partition -> {
                    throw new AssertionError(partition.name());
                },
                shard -> {});
    }
}
