package io.gregor.log.segment;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts who uses the files of one segment: its log, until the segment is deleted or the log is closed, and whoever
 * reads them at the moment. The last one who leaves closes them. Thread-safe.
 */
final class FileUsers {
    private final List<SegmentFile> files;
    private final AtomicInteger users = new AtomicInteger(1);
    private final AtomicBoolean owned = new AtomicBoolean(true);

    /** @param files what is closed at the end, on the thread of the last user; read only then */
    FileUsers(List<SegmentFile> files) {
        this.files = files;
    }

    /** False if the last one has left already. */
    boolean retain() {
        int now = users.get();
        while (now > 0) {
            if (users.compareAndSet(now, now + 1)) {
                return true;
            }
            now = users.get();
        }
        return false;
    }

    void release() {
        int left = users.decrementAndGet();
        if (left == 0) {
            files.forEach(SegmentFile::close);
        }
        if (left < 0) {
            throw new IllegalStateException("files were released more often than retained");
        }
    }

    /** The log needs the files no more; nothing happens the second time. */
    void releaseOwner() {
        if (owned.compareAndSet(true, false)) {
            release();
        }
    }

    /** Whether anybody but the log uses the files. */
    boolean areReaders() {
        return users.get() > (owned.get() ? 1 : 0);
    }
}
