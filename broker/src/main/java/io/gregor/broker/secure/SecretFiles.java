package io.gregor.broker.secure;

import io.gregor.broker.config.InvalidConfigException;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.SmallFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of {@code --secure}, which nobody but their owner may read. They lie in the log directory itself: of a
 * folder in it Apache Kafka says that it is no partition, and does not start. Confined to the thread that starts the
 * broker.
 */
record SecretFiles(Disk disk, Path folder) {
    private static final Logger LOG = LoggerFactory.getLogger(SecretFiles.class);
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final String PREFIX = "secure-";

    /** Makes the folder, if there is none, so that only its owner may look into it. */
    void createFolder() throws IOException {
        Path parent = folder.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createDirectory(folder, onlyFor(FOLDER));
        } catch (FileAlreadyExistsException e) {
            LOG.debug("{} is there, and keeps its permissions", folder, e);
        }
    }

    private static FileAttribute<?>[] onlyFor(Set<PosixFilePermission> permissions) {
        return POSIX
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }

    Path path(String name) {
        return folder.toAbsolutePath().normalize().resolve(PREFIX + name);
    }

    /**
     * The content, or null if there is no such file.
     *
     * @throws InvalidConfigException if it cannot be read
     */
    @Nullable
    String read(String name) {
        try {
            ByteBuffer content = new SmallFile(disk, path(name)).read();
            if (content == null) {
                return null;
            }
            if (POSIX && !Files.getPosixFilePermissions(path(name)).equals(OWNER_ONLY)) {
                Files.setPosixFilePermissions(path(name), OWNER_ONLY);
                LOG.warn("{} could be read by others than its owner: no longer", path(name));
            }
            return StandardCharsets.UTF_8.decode(content).toString();
        } catch (IOException e) {
            throw new InvalidConfigException(path(name) + ": cannot be read (" + e + "), allowed is a file of its own"
                    + " that this process can read and write");
        }
    }

    /** Puts the content in the place of that which there is, in one step; nobody else could ever read it. */
    void write(String name, String content) throws IOException {
        Path temporary = path(name + SmallFile.TEMPORARY);
        Files.deleteIfExists(temporary);
        Files.createFile(temporary, onlyFor(OWNER_ONLY));
        new SmallFile(disk, path(name)).replace(StandardCharsets.UTF_8.encode(content));
    }

    /** The same, unless it is so already. */
    void settle(String name, String content) throws IOException {
        if (!content.equals(read(name))) {
            write(name, content);
        }
    }

    /** That a file is of no use, and what to do about it. */
    InvalidConfigException refused(String name, String why) {
        return new InvalidConfigException(path(name) + ": " + why + "; without all files " + PREFIX + "*.pem beside it"
                + " the next start makes new ones, which clients need then");
    }
}
