package io.gregor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where a group can be set to. */
class GroupResetTest {
    private FakeCluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = new FakeCluster()
                .topic("t", 3)
                .records("t", 0, "a", "b", "c", "d")
                .records("t", 1, "a", "b")
                .commit("t", 0, 2)
                .commit("t", 1, 2);
    }

    @AfterEach
    void stop() throws IOException {
        cluster.close();
    }

    @Test
    void itIsMovedOnAndBackWithinWhatThereIs() {
        assertThat(OneRun.on(cluster, "group", "reset", "g", "--shift", "1").out())
                .isEqualTo("""
                        TOPIC  PARTITION  BEFORE  AFTER
                        t      0          2       3
                        t      1          2       2
                        """);
        OneRun.on(cluster, "group", "reset", "g", "--shift", "-2");
        assertThat(cluster.committed("t", 0)).isEqualTo(1);
        assertThat(cluster.committed("t", 1)).isZero();
        assertThat(cluster.committed("t", 2)).isNull();
    }

    @Test
    void onePartitionAlone() {
        OneRun.on(cluster, "group", "reset", "g", "--to", "beginning", "--topic", "t", "--partition", "1");
        assertThat(cluster.committed("t", 0)).isEqualTo(2);
        assertThat(cluster.committed("t", 1)).isZero();
        assertThat(OneRun.on(cluster, "group", "reset", "g", "--shift", "1", "--topic", "t", "--partition", "2"))
                .isEqualTo(new OneRun(1, "", "gregor: group g has committed nothing there\n"));
    }

    @Test
    void aPartitionWithoutALeaderIsNotLeftOut() {
        cluster.withoutLeader("t", 1);
        OneRun run = OneRun.on(cluster, "group", "reset", "g", "--to", "beginning");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("gregor: partition t-1 has no leader (LEADER_NOT_AVAILABLE); tried ")
                .hasLineCount(1);
        assertThat(cluster.committed("t", 0)).isEqualTo(2);
    }
}
