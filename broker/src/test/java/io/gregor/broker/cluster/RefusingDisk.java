package io.gregor.broker.cluster;

import io.gregor.log.disk.ForwardingDisk;
import io.gregor.log.disk.RealDisk;
import java.io.IOException;
import java.nio.file.Path;

/** A real disk that refuses to make or rename what lies in folders of one name. Confined to the test's thread. */
final class RefusingDisk extends ForwardingDisk {
    private String refused = "";

    RefusingDisk() {
        super(new RealDisk());
    }

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
    public void create(Path file) throws IOException {
        check(file);
        super.create(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        if (refused.equals(String.valueOf(from.getFileName()))) {
            throw new IOException("Operation not permitted");
        }
        super.rename(from, to);
    }
}
