package io.gregor.broker.cluster;

import io.gregor.log.disk.Disk;
import io.gregor.log.disk.DiskFile;
import io.gregor.log.disk.RealDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A real disk that refuses to make or rename what lies in folders of one name. Confined to the test's thread. */
final class RefusingDisk implements Disk {
    private final Disk disk = new RealDisk();
    private String refused = "";

    /** The folder of a partition, as topic-partition; the empty text for none. */
    void refuse(String partition) {
        refused = partition;
    }

    private void check(Path path) throws IOException {
        for (Path name : path) {
            if (name.toString().equals(refused)) {
                throw new IOException("Too many open files");
            }
        }
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return disk.open(file);
    }

    @Override
    public void create(Path file) throws IOException {
        check(file);
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
        if (refused.equals(String.valueOf(from.getFileName()))) {
            throw new IOException("Operation not permitted");
        }
        disk.rename(from, to);
    }

    @Override
    public DiskFile openFolder(Path folder) throws IOException {
        return disk.openFolder(folder);
    }
}
