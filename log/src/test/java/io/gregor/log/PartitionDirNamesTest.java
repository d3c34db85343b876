package io.gregor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.log.disk.CheckpointFile;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.PartitionMetadataFile;
import io.gregor.log.disk.RealDisk;
import io.gregor.log.disk.SimulatedDisk;
import io.gregor.log.disk.SyncRule;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.Uuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders of partitions get the names of their topics, and all records stay. */
class PartitionDirNamesTest {
    private static final Uuid ONE = new Uuid(1, 1);
    private static final Uuid OTHER = new Uuid(2, 2);
    private static final Uuid DELETED = new Uuid(3, 3);
    private static final String RANDOM = ".0123456789abcdef0123456789abcdef";

    @TempDir
    Path root;

    private final RealDisk disk = new RealDisk();

    @Test
    void topicsThatWereNamedApartGetTheirOwnFolders() throws IOException {
        folder("t-0", ONE, 10);
        folder("t-1", OTHER, 20);
        repair(Map.of(ONE, "one", OTHER, "t"));
        assertThat(sizes()).isEqualTo(Map.of("one-0", 10L, "t-1", 20L));
    }

    @Test
    void namesAreExchanged() throws IOException {
        folder("a-0", ONE, 10);
        folder("b-0", OTHER, 20);
        repair(Map.of(ONE, "b", OTHER, "a"));
        assertThat(sizes()).isEqualTo(Map.of("b-0", 10L, "a-0", 20L));
    }

    @Test
    void whatWasPutAsideComesBack() throws IOException {
        folder("t-0", ONE, 0);
        folder("t-0" + RANDOM + "-stray", OTHER, 20);
        folder("t-1", OTHER, 0);
        folder("t-1" + RANDOM + "-stray", OTHER, 30);
        repair(Map.of(ONE, "one", OTHER, "t"));
        assertThat(sizes()).containsEntry("one-0", 0L).containsEntry("t-0", 20L).containsEntry("t-1", 30L);
        assertThat(sizes()).hasSize(4);
    }

    @Test
    void recordsThatAreInTheirPlaceStayThere() throws IOException {
        folder("t-0", ONE, 10);
        folder("t-0" + RANDOM + "-stray", ONE, 20);
        repair(Map.of(ONE, "t"));
        assertThat(sizes()).isEqualTo(Map.of("t-0", 10L, "t-0" + RANDOM + "-stray", 20L));
    }

    @Test
    void whatIsNoPartitionOfATopicIsLeftAlone() throws IOException {
        List<String> names = List.of("u-0", "t-0" + RANDOM + "-delete", "t-0" + RANDOM + "-future", "t-x");
        for (String name : names) {
            folder(name, name.equals("u-0") ? DELETED : ONE, 10);
        }
        repair(Map.of(ONE, "one"));
        assertThat(sizes()).containsOnlyKeys(names);
    }

    /** What was written down of the one log must not count for the other, which may not go so far. */
    @Test
    void checkpointsFollowTheirLogs() throws IOException {
        folder("a-0", ONE, 10);
        folder("b-0", OTHER, 20);
        folder("c-0", DELETED, 20);
        checkpoint("recovery-point-offset-checkpoint", "a 0 11", "b 0 22", "c 0 33");
        checkpoint("log-start-offset-checkpoint", "a 0 1", "c 0 3");
        repair(Map.of(ONE, "b", OTHER, "a"));
        assertThat(lines("recovery-point-offset-checkpoint")).containsExactly("a 0 22", "b 0 11", "c 0 33");
        assertThat(lines("log-start-offset-checkpoint")).containsExactly("b 0 1", "c 0 3");
    }

    /** Power is lost at each change of the disk: no checkpoint is ever about another log; the next start goes on. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aCrashInBetweenIsNoHarm(long seed) throws IOException {
        boolean died = true;
        for (int changes = 0; died; changes++) {
            died = diesAfter(changes, new Random(1000 * seed + changes));
        }
    }

    private static boolean diesAfter(int changes, Random random) throws IOException {
        SimulatedDisk simulated = new SimulatedDisk(random);
        Path folder = Path.of("/log");
        List<Path> checkpoints = Stream.of("recovery-point", "log-start", "cleaner")
                .map(name -> folder.resolve(name + "-offset-checkpoint"))
                .toList();
        simulated.createFolder(folder);
        Map<Uuid, String> names = Map.of(ONE, "b", OTHER, "a");
        for (Map.Entry<String, Uuid> one : Map.of("a-0", ONE, "b-0", OTHER).entrySet()) {
            simulated.createFolder(folder.resolve(one.getKey()));
            PartitionMetadataFile.write(simulated, folder.resolve(one.getKey()), one.getValue());
            simulated.syncFolder(folder.resolve(one.getKey()), SyncRule.SMALL_FILE_NAMES);
        }
        for (Path checkpoint : checkpoints) {
            new CheckpointFile(simulated, checkpoint).write(List.of("a 0 1", "b 0 2"));
        }
        simulated.syncFolder(folder, SyncRule.PARTITION_FOLDERS);
        simulated.dieAfter(changes);
        try {
            new LogDir(environment(simulated), folder, because -> {}).rename(names::get);
        } catch (IOException e) {
            assertThat(simulated.isDead()).isTrue();
        }
        boolean died = simulated.isDead();
        simulated.losePower();
        for (Path checkpoint : checkpoints) {
            assertTrue(simulated, folder, checkpoint);
        }
        simulated.dieAfter(random.nextInt(20));
        try {
            new LogDir(environment(simulated), folder, because -> {}).rename(names::get);
        } catch (IOException e) {
            assertThat(simulated.isDead()).isTrue();
        }
        simulated.losePower();
        new LogDir(environment(simulated), folder, because -> {}).rename(names::get);
        assertThat(PartitionMetadataFile.read(simulated, folder.resolve("b-0"))).isEqualTo(ONE);
        assertThat(PartitionMetadataFile.read(simulated, folder.resolve("a-0"))).isEqualTo(OTHER);
        for (Path checkpoint : checkpoints) {
            assertThat(entries(simulated, checkpoint))
                    .as("%s, dead after %d changes", checkpoint, changes)
                    .containsExactlyInAnyOrder("a 0 2", "b 0 1");
        }
        return died;
    }

    /** What a checkpoint says is about the log that has the name. */
    private static void assertTrue(Disk disk, Path folder, Path checkpoint) throws IOException {
        for (String line : entries(disk, checkpoint)) {
            Path named = folder.resolve(line.substring(0, 1) + "-0");
            boolean isOne = line.endsWith("1");
            assertThat(PartitionMetadataFile.read(disk, named)).isEqualTo(isOne ? ONE : OTHER);
        }
    }

    private static List<String> entries(Disk disk, Path points) throws IOException {
        return new CheckpointFile(disk, points).read(words -> String.join(" ", words));
    }

    private void checkpoint(String name, String... entries) throws IOException {
        List<String> lines = new ArrayList<>(List.of("0", String.valueOf(entries.length)));
        lines.addAll(List.of(entries));
        Files.write(root.resolve(name), lines);
    }

    /** Without version and count. */
    private List<String> lines(String name) throws IOException {
        List<String> lines = Files.readAllLines(root.resolve(name));
        return lines.subList(2, lines.size());
    }

    private void repair(Map<Uuid, String> names) throws IOException {
        new LogDir(environment(disk), root, because -> {}).rename(names::get);
    }

    private static LogEnvironment environment(Disk disk) {
        return new LogEnvironment(disk, new ManualTime(), new Random(1), (task, delayMs) -> {});
    }

    private void folder(String name, Uuid topicId, int bytes) throws IOException {
        Path folder = root.resolve(name);
        disk.createFolder(folder);
        PartitionMetadataFile.write(disk, folder, topicId);
        Files.write(folder.resolve("00000000000000000000.log"), new byte[bytes]);
    }

    /** Of the records, by the name of their folder. */
    private Map<String, Long> sizes() throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        for (Path folder : disk.list(root)) {
            if (Files.isDirectory(folder)) {
                sizes.put(String.valueOf(folder.getFileName()), disk.size(folder.resolve("00000000000000000000.log")));
            }
        }
        return sizes;
    }
}
