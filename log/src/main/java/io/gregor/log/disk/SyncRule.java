package io.gregor.log.disk;

/**
 * Why something is forced to the disk. Beyond these rules the log relies on two things that file systems with a journal
 * give: changes of names within a folder last in the order in which they were made, and a rename is never half done.
 * The crash tests leave out one rule after the other, to show what each is for.
 */
public enum SyncRule {
    /** What was flushed is there after a power loss. */
    RECORDS,
    /**
     * The indexes and producer snapshots below the recovery point are trusted, so they are there before the point
     * passes them.
     */
    INDEXES,
    /** A new segment, and an index that came late, are found again by their names. */
    SEGMENT_NAMES,
    /** A new partition's folder is found again by its name. */
    PARTITION_FOLDERS,
    /** A compacted segment is whole before those that it was made from lose their names. */
    COMPACTED,
    /** A small file is whole before it takes the place of its predecessor. */
    SMALL_FILES,
    /** A small file has taken that place when its writer goes on. */
    SMALL_FILE_NAMES,
    /** The note that the last stop was in order is gone before anything changes. */
    START,
}
