package io.gregor.log.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Leaves everything to another disk; a test overrides what it wants otherwise. Any thread that the other allows. */
public abstract class ForwardingDisk implements Disk {
    private final Disk disk;

    protected ForwardingDisk(Disk disk) {
        this.disk = disk;
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return disk.open(file);
    }

    @Override
    public void create(Path file) throws IOException {
        disk.create(file);
    }

    @Override
    public boolean exists(Path path) {
        return disk.exists(path);
    }

    @Override
    public long size(Path file) throws IOException {
        return disk.size(file);
    }

    @Override
    public long lastModifiedMs(Path file) throws IOException {
        return disk.lastModifiedMs(file);
    }

    @Override
    public List<Path> list(Path folder) throws IOException {
        return disk.list(folder);
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        disk.createFolder(folder);
    }

    @Override
    public void delete(Path path) throws IOException {
        disk.delete(path);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public DiskFile openFolder(Path folder) throws IOException {
        return disk.openFolder(folder);
    }

    @Override
    public boolean isOffline() {
        return disk.isOffline();
    }

    @Override
    public boolean isExhausted(Path folder) {
        return disk.isExhausted(folder);
    }
}
