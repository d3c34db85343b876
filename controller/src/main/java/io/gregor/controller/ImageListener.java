package io.gregor.controller;

/** Follows the images of the metadata: each that is published, once and in order, on the controller's thread. */
@FunctionalInterface
public interface ImageListener {
    /**
     * @param before the image that was published last
     * @param after the image that is published now; what did not change is the same object in both
     * @param endOffset the end offset of the last record in {@code after}
     */
    void published(MetadataImage before, MetadataImage after, long endOffset);
}
