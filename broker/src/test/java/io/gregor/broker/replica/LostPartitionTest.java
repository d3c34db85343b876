package io.gregor.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.lane.ManualLane;
import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.log.LogDir;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.RealDisk;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.TopicRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A partition whose log directory was offline at the start is offline, as at Apache Kafka. */
class LostPartitionTest {
    private static final Uuid ID = new Uuid(7, 7);

    @Test
    void itIsOfflineAndIsNotMadeElsewhere(@TempDir Path root) throws IOException {
        LogEnvironment environment =
                new LogEnvironment(new RealDisk(), InstantSource.system(), new Random(1), (task, delayMs) -> {});
        LogDir folder = new LogDir(environment, root, because -> {
            throw new AssertionError(because);
        });
        MetadataImage stored = ImageChange.apply(
                MetadataImage.EMPTY,
                List.of(
                        new TopicRecord().name("t").topicId(ID),
                        new PartitionRecord()
                                .topicId(ID)
                                .partitionId(0)
                                .replicas(List.of(1))
                                .isr(List.of(1))
                                .leader(1)));
        Partitions partitions = new Partitions(
                BrokerConfig.of(Map.of()),
                List.of(folder),
                List.of(new ManualLane()),
                InstantSource.system(),
                Runnable::run);
        partitions.offlineFolders(1);
        partitions.load(stored);
        ClusterMetadata metadata = new ClusterMetadata();
        metadata.published(MetadataImage.EMPTY, stored, 1);

        PartitionLookup.Found found = new PartitionLookup(metadata, partitions, 1).find(ID, 0);
        assertThat(found).isEqualTo(new PartitionLookup.Found.Offline());
        assertThat(found.error()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(partitions.isOffline(ID, 0)).isTrue();
        assertThat(partitions.isOpening(ID)).isFalse();
        folder.close();
    }
}
