package io.gregor.log.segment;

import java.io.IOException;
import java.nio.file.Path;

/** The segment was dropped after the view was taken, and its files are closed: a newer view has no such segment. */
public final class SegmentGoneException extends IOException {
    private static final long serialVersionUID = 1;

    public SegmentGoneException(Path file) {
        super(file + " belongs to a segment that was dropped");
    }
}
