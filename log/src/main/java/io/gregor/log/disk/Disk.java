package io.gregor.log.disk;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** The file system as the log needs it: a port, so that tests can lose, tear and refuse writes. Thread-safe. */
public interface Disk {
    /**
     * Opens a file for reading and writing; never makes one.
     *
     * @throws NoSuchFileException if there is none
     */
    DiskFile open(Path file) throws IOException;

    /** Whether it has failed: then nothing on it can be read or written. */
    default boolean isOffline() {
        return false;
    }

    /** Makes an empty file, if there is none of that name. */
    void create(Path file) throws IOException;

    boolean exists(Path path);

    /** In bytes; 0 if the file does not exist. */
    long size(Path file) throws IOException;

    /** When the file was written last; 0 if it does not exist. */
    long lastModifiedMs(Path file) throws IOException;

    /** What lies in a folder, in no order. */
    List<Path> list(Path folder) throws IOException;

    void createFolder(Path folder) throws IOException;

    /** Deletes a file or an empty folder; nothing happens if there is none. */
    void delete(Path path) throws IOException;

    /** Renames a file or folder within its parent, atomically, over what has that name. */
    void rename(Path from, Path to) throws IOException;

    /** Opens a folder, only to force the names in it. */
    DiskFile openFolder(Path folder) throws IOException;

    /** Makes renames, new files and deletes within a folder durable. */
    default void syncFolder(Path folder, SyncRule why) throws IOException {
        DiskFile opened = openFolder(folder);
        try {
            opened.force(why);
        } finally {
            opened.close();
        }
    }

    /** Whether it lacks something that may come back by itself: space below that folder, or file descriptors. */
    default boolean isExhausted(Path folder) {
        return false;
    }
}
