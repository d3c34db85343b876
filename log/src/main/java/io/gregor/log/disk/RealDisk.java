package io.gregor.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** The operating system's file system. Thread-safe. */
public final class RealDisk implements Disk {
    /** Of less, a file system may give nothing to anybody. */
    private static final long LITTLE_SPACE_BYTES = 1024 * 1024;

    private final AtomicInteger openFiles = new AtomicInteger();

    /** How many files and folders are open now. */
    public int openFiles() {
        return openFiles.get();
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return new RealFile(FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public void create(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
    }

    @Override
    public long lastModifiedMs(Path file) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    @Override
    public List<Path> list(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.toList();
        }
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        Files.createDirectories(folder);
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public DiskFile openFolder(Path folder) throws IOException {
        return new RealFile(FileChannel.open(folder, StandardOpenOption.READ));
    }

    /** Not by the text of an exception, which is in the language of the operating system's user. */
    @Override
    public boolean isExhausted(Path folder) {
        try {
            // Takes a descriptor, and nothing of any disk.
            DatagramChannel.open().close();
        } catch (IOException e) {
            return true;
        }
        try {
            return Files.getFileStore(folder).getUsableSpace() < LITTLE_SPACE_BYTES;
        } catch (IOException e) {
            return false;
        }
    }

    private final class RealFile implements DiskFile {
        private final FileChannel channel;

        RealFile(FileChannel channel) {
            this.channel = channel;
            openFiles.incrementAndGet();
        }

        @Override
        public FileChannel channel() {
            return channel;
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            int start = into.position();
            while (into.hasRemaining()) {
                if (channel.read(into, position + into.position() - start) < 0) {
                    break;
                }
            }
            return into.position() - start;
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            long at = position;
            while (from.hasRemaining()) {
                at += channel.write(from, at);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void force(SyncRule why) throws IOException {
            channel.force(true);
        }

        @Override
        public void close() throws IOException {
            openFiles.decrementAndGet();
            channel.close();
        }
    }
}
