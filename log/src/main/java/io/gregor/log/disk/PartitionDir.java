package io.gregor.log.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The disk as one log sees it, which stays with the log's own folder when that is renamed: what a deleted or moved log
 * still does to its files, however late, never reaches a folder that has taken its name since. Thread-safe; renaming
 * the folder waits for those who are about to open, rename or delete a file in it.
 */
public final class PartitionDir implements Disk {
    private final Disk disk;
    /** The path by which the log names its folder. */
    private final Path named;

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private volatile Path current;

    public PartitionDir(Disk disk, Path folder) {
        this.disk = disk;
        named = folder;
        current = folder;
    }

    /** Where the folder lies now. */
    public Path current() {
        return current;
    }

    /** Renames the folder. */
    public void move(Path to) throws IOException {
        lock.writeLock().lock();
        try {
            disk.rename(current, to);
            current = to;
        } finally {
            lock.writeLock().unlock();
        }
    }

    private Path found(Path path) {
        Path now = current;
        if (path.equals(named)) {
            return now;
        }
        boolean within = !now.equals(named) && named.equals(path.getParent());
        return within ? now.resolve(Objects.requireNonNull(path.getFileName(), "a file has a name")) : path;
    }

    @Override
    public boolean isOffline() {
        return disk.isOffline();
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        lock.readLock().lock();
        try {
            return disk.open(found(file));
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public void create(Path file) throws IOException {
        lock.readLock().lock();
        try {
            disk.create(found(file));
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public boolean exists(Path path) {
        return disk.exists(found(path));
    }

    @Override
    public long size(Path file) throws IOException {
        return disk.size(found(file));
    }

    @Override
    public long lastModifiedMs(Path file) throws IOException {
        return disk.lastModifiedMs(found(file));
    }

    @Override
    public List<Path> list(Path folder) throws IOException {
        return disk.list(found(folder));
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        disk.createFolder(found(folder));
    }

    @Override
    public void delete(Path path) throws IOException {
        lock.readLock().lock();
        try {
            disk.delete(found(path));
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        lock.readLock().lock();
        try {
            disk.rename(found(from), found(to));
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public DiskFile openFolder(Path folder) throws IOException {
        return disk.openFolder(found(folder));
    }

    @Override
    public boolean isExhausted(Path folder) {
        return disk.isExhausted(found(folder));
    }
}
