package io.gregor.broker.storage;

import io.gregor.log.LogDir;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folders of {@code log.dirs}, and what is on its way between them.
 *
 * @param opened those that could be opened at the start; some may have failed since
 * @param notOpened those that could not
 */
public record LogDirs(List<LogDir> opened, List<Path> notOpened, LogDirMover mover) {

    /** As clients name it. */
    public static String nameOf(Path root) {
        return root.toAbsolutePath().toString();
    }

    public List<LogDir> online() {
        return opened.stream().filter(folder -> !folder.isOffline()).toList();
    }

    /** The folder of that name, or null if it is offline or none of ours. */
    public @Nullable LogDir online(String name) {
        return online().stream()
                .filter(folder -> nameOf(folder.root()).equals(name))
                .findFirst()
                .orElse(null);
    }

    /** The names of those that could not be opened or have failed. */
    public List<String> offline() {
        List<String> offline = new ArrayList<>();
        notOpened.forEach(root -> offline.add(nameOf(root)));
        opened.stream().filter(LogDir::isOffline).forEach(folder -> offline.add(nameOf(folder.root())));
        return offline;
    }
}
