package io.gregor.broker.cluster;

import io.gregor.controller.ImageListener;
import io.gregor.controller.MetadataImage;

/** The image of the metadata that clients see. Read on any thread, changed on the controller's by each image. */
public final class ClusterMetadata implements ImageListener {
    private volatile MetadataImage image = MetadataImage.EMPTY;
    private volatile long imageEndOffset;
    private volatile long topicsVersion;
    private volatile long newTopicsVersion;

    /** Shows the image from now on. */
    @Override
    @SuppressWarnings("ReferenceEquality") // A topic that did not change is the same object.
    public void published(MetadataImage before, MetadataImage after, long endOffset) {
        image = after;
        imageEndOffset = endOffset;
        boolean someNew =
                !before.topicsById().keySet().containsAll(after.topicsById().keySet());
        boolean someChanged = before.topicsById().size() != after.topicsById().size()
                || after.topicsById().values().stream().anyMatch(topic -> before.topic(topic.id()) != topic);
        if (someNew) {
            newTopicsVersion = endOffset;
        }
        if (someNew || someChanged) {
            topicsVersion = endOffset;
        }
    }

    public MetadataImage image() {
        return image;
    }

    /** End offset of the last record applied to {@link #image}. Read it first: the image is then at least that new. */
    public long imageEndOffset() {
        return imageEndOffset;
    }

    /** End offset of the last change of any topic: grows with every such change. */
    public long topicsVersion() {
        return topicsVersion;
    }

    /** End offset of the last record that made a topic. */
    public long newTopicsVersion() {
        return newTopicsVersion;
    }
}
