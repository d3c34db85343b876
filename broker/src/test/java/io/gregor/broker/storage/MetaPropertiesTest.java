package io.gregor.broker.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetaPropertiesTest {
    @TempDir
    Path root;

    private final DiskOperations operations = new DiskOperations();

    @Test
    void theContentIsForcedBeforeTheRenameAndTheFolderAfterIt() throws IOException {
        MetaProperties.settle(operations.disk(), Map.of(root, Optional.empty()), null, 1, new Random(1));
        int renamed = operations.seen().indexOf("rename meta.properties.tmp");
        assertThat(operations.seen().subList(0, renamed)).contains("force meta.properties.tmp");
        assertThat(operations.seen().stream().skip(renamed)).contains("syncFolder " + root.getFileName());
        assertThat(MetaProperties.read(operations.disk(), root, new Random(1))).isNotNull();
    }

    @Test
    void aNewClusterHasTheIdThatItWasGivenAndAnOldOneKeepsItsOwn() throws IOException {
        MetaProperties first =
                MetaProperties.settle(operations.disk(), Map.of(root, Optional.empty()), "one", 1, new Random(1));
        assertThat(first.clusterId()).isEqualTo("one");
        assertThat(MetaProperties.settle(operations.disk(), Map.of(root, Optional.of(first)), "two", 1, new Random(1))
                        .clusterId())
                .isEqualTo("one");
    }

    @Test
    void aDamagedFileIsToldByItsName() throws IOException {
        Files.write(root.resolve("meta.properties"), new byte[] {-1, -1, -1});
        assertThatThrownBy(() -> MetaProperties.read(operations.disk(), root, new Random(1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("meta.properties is damaged");
    }
}
