package io.gregor.log.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What takes a log directory offline, and what does not. */
class LogDirDiskTest {
    private static final Path ROOT = Path.of("/log");

    private final SimulatedDisk below = new SimulatedDisk(new Random(1));
    private final List<IOException> told = new ArrayList<>();
    private final LogDirDisk disk = new LogDirDisk(below, ROOT, told::add);

    @BeforeEach
    void makeFolder() throws IOException {
        below.createFolder(ROOT);
    }

    private DiskFile made(String name) throws IOException {
        disk.create(ROOT.resolve(name));
        return disk.open(ROOT.resolve(name));
    }

    @Test
    void aFullDiskIsNoFailure() throws IOException {
        DiskFile file = made("file");
        below.fillAfter(0);
        assertThatThrownBy(() -> file.write(ByteBuffer.allocate(9), 0)).hasMessageContaining("kein Speicherplatz");
        assertThat(disk.isOffline()).isFalse();
        below.makeRoom();
        file.write(ByteBuffer.allocate(9), 0);
    }

    @Test
    void aFolderInItThatIsGoneIsNoFailure() {
        assertThatThrownBy(() -> disk.open(ROOT.resolve("t-0").resolve("file"))).isInstanceOf(IOException.class);
        assertThat(disk.isOffline()).isFalse();
    }

    @Test
    void whatCannotBeForcedTakesItOfflineForGood() throws IOException {
        DiskFile file = made("file");
        below.dieAfter(0);
        assertThatThrownBy(() -> file.force(SyncRule.RECORDS)).hasMessage("dead");
        below.startAgain();
        assertThat(disk.isOffline()).isTrue();
        assertThat(told).hasSize(1);
        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0)).hasMessageContaining("offline");
        assertThatThrownBy(() -> disk.open(ROOT.resolve("other"))).hasMessageContaining("offline");
        assertThat(told).hasSize(1);
    }

    @Test
    void aFolderThatCannotBeForcedForWantOfADescriptorIsNoFailure() throws IOException {
        below.refuseDescriptors(true);
        assertThatThrownBy(() -> disk.syncFolder(ROOT, SyncRule.SEGMENT_NAMES)).hasMessageContaining("offene Dateien");
        assertThat(disk.isOffline()).isFalse();
        below.refuseDescriptors(false);
        disk.syncFolder(ROOT, SyncRule.SEGMENT_NAMES);
    }

    @Test
    void whatFailsTwiceAndThenWorksIsNoFailure() {
        below.failNext(3);
        assertThatThrownBy(() -> disk.open(ROOT.resolve("file"))).isInstanceOf(IOException.class);
        assertThat(disk.isOffline()).isFalse();
        below.failNext(4);
        assertThatThrownBy(() -> disk.open(ROOT.resolve("file"))).isInstanceOf(IOException.class);
        assertThat(disk.isOffline()).isTrue();
    }

    @Test
    void aReaderMakesNoFile() {
        assertThatThrownBy(() -> disk.open(ROOT.resolve("file"))).isInstanceOf(NoSuchFileException.class);
        assertThat(below.exists(ROOT.resolve("file"))).isFalse();
    }

    @Test
    void aSmallFileIsTheOldOrTheNewOneWhateverTheDiskDoes() throws IOException {
        for (int operations = 0; operations < 8; operations++) {
            SimulatedDisk frail = new SimulatedDisk(new Random(operations));
            frail.createFolder(ROOT);
            SmallFile file = new SmallFile(frail, ROOT.resolve("file"));
            file.replace(ByteBuffer.wrap(new byte[] {1, 1}));
            frail.dieAfter(operations);
            boolean replaced = true;
            try {
                file.replace(ByteBuffer.wrap(new byte[] {2, 2, 2}));
            } catch (IOException e) {
                replaced = false;
            }
            frail.losePower();
            ByteBuffer found = file.read();
            ByteBuffer made = ByteBuffer.wrap(new byte[] {2, 2, 2});
            assertThat(found).as("seed %d", operations).isIn(made, ByteBuffer.wrap(new byte[] {1, 1}));
            assertThat(replaced && !made.equals(found)).isFalse();
        }
    }

    @Test
    void whatIsMovedIsFoundByItsOldName() throws IOException {
        Path before = ROOT.resolve("t-0.future");
        PartitionDir folder = new PartitionDir(disk, before);
        folder.createFolder(before);
        folder.move(ROOT.resolve("t-0"));
        folder.create(before.resolve("file"));
        assertThat(below.list(ROOT.resolve("t-0")))
                .containsExactly(ROOT.resolve("t-0").resolve("file"));
        assertThat(folder.list(before)).hasSize(1);
    }
}
