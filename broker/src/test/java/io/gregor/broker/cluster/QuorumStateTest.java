package io.gregor.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.log.disk.RealDisk;
import io.gregor.log.disk.SmallFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuorumStateTest {
    @TempDir
    Path root;

    private int nextEpoch(int latestInLog) throws IOException {
        return QuorumState.nextEpoch(new SmallFile(new RealDisk(), root.resolve(QuorumState.NAME)), 1, latestInLog);
    }

    @Test
    void eachStartBeginsAnEpochAfterAllThatAreKnown() throws IOException {
        assertThat(nextEpoch(-1)).isEqualTo(1);
        assertThat(nextEpoch(1)).isEqualTo(2);
        assertThat(nextEpoch(7)).isEqualTo(8);
        assertThat(nextEpoch(3)).isEqualTo(9);
    }

    @Test
    void aDamagedFileIsMadeAgainFromTheLog() throws IOException {
        Files.write(root.resolve(QuorumState.NAME), new byte[] {-1, -1, -1, -1});
        assertThat(nextEpoch(4)).isEqualTo(5);
        Files.writeString(root.resolve(QuorumState.NAME), "{\"leaderEpoch\":99999999999999999999}");
        assertThat(nextEpoch(5)).isEqualTo(6);
        assertThat(nextEpoch(0)).isEqualTo(7);
    }
}
