package io.gregor.log;

import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.segment.Segment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Segments that a log has dropped: their files are renamed and, after a delay, deleted in the background. Whoever
 * reads one of them may finish. Thread-safe.
 */
final class DroppedSegments {
    private static final Logger LOG = LoggerFactory.getLogger(DroppedSegments.class);

    private final LogEnvironment environment;
    private final Path folder;
    private final Set<Segment> pending = ConcurrentHashMap.newKeySet();

    DroppedSegments(LogEnvironment environment, Path folder) {
        this.environment = environment;
        this.folder = folder;
    }

    /** Takes segments that still have their names. */
    void add(List<Segment> dropped, long delayMs) {
        pending.addAll(dropped);
        environment.background().run(() -> mark(dropped, delayMs), 0);
    }

    /** Takes segments whose names say already that they are deleted. */
    void addMarked(List<Segment> marked, long delayMs) {
        pending.addAll(marked);
        environment.background().run(() -> delete(marked), delayMs);
    }

    private void mark(List<Segment> dropped, long delayMs) {
        try {
            for (Segment segment : dropped) {
                segment.rename(LogFiles.DELETED);
                environment.disk().delete(LogFiles.path(folder, segment.baseOffset(), LogFiles.SNAPSHOT));
            }
        } catch (IOException e) {
            LOG.error("Marking {} as deleted failed; the next start deletes them", dropped, e);
            letGo(dropped);
            return;
        }
        addMarked(dropped, delayMs);
    }

    /**
     * Deletes now what is left of segments that began between these offsets: the names that their files have are wanted
     * for others, or would be taken for theirs.
     *
     * @param first of the first segment
     * @param last of the last one, which goes as well
     */
    void deleteBetween(long first, long last) {
        delete(pending.stream()
                .filter(segment -> segment.baseOffset() >= first && segment.baseOffset() <= last)
                .toList());
    }

    private synchronized void delete(List<Segment> marked) {
        try {
            for (Segment segment : marked) {
                // The name of one that is gone may be another's by now.
                if (pending.contains(segment)) {
                    segment.delete();
                }
            }
        } catch (IOException e) {
            LOG.error("Deleting {} failed; the next start tries again", marked, e);
        }
        letGo(marked);
    }

    private void letGo(List<Segment> done) {
        done.forEach(Segment::letGo);
        done.forEach(pending::remove);
    }

    /** The log is closed or deleted: its readers may finish, and what was to be deleted later is left to the start. */
    void letGo() {
        letGo(List.copyOf(pending));
    }
}
