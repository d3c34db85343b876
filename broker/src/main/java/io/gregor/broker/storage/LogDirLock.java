package io.gregor.broker.storage;

import io.gregor.broker.config.InvalidConfigException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps a data folder for one broker alone: the file {@code .lock}, which Kafka locks too. Held until closed. */
public final class LogDirLock implements AutoCloseable {
    private final FileChannel channel;

    private LogDirLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws InvalidConfigException if another broker holds the folder */
    public static LogDirLock take(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve(".lock"), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        if (tryLock(channel) == null) {
            channel.close();
            throw new InvalidConfigException("log.dirs=" + folder
                    + ": another broker runs on this directory, allowed is one that no other uses");
        }
        return new LogDirLock(channel);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
