package io.gregor.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.lane.ManualLane;
import io.gregor.log.disk.RealDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionTest {
    @TempDir
    Path root;

    /** A move that ends meanwhile replaces the log: the one that is there then has to get the new configuration. */
    @Test
    void theLogGetsItsConfigurationOnTheLane() throws IOException {
        ManualLane lane = new ManualLane();
        OnePartition t = new OnePartition(new RealDisk(), root, lane, InstantSource.system(), Map.of());
        lane.hold();
        t.configure(Map.of("segment.bytes", "1048600"));
        assertThat(t.partition().config().log().rolling().bytes()).isEqualTo(1_048_600);
        assertThat(t.partition().log().config().rolling().bytes()).isEqualTo(1 << 30);
        lane.release();
        assertThat(t.partition().log().config().rolling().bytes()).isEqualTo(1_048_600);
    }
}
