package io.gregor.broker.cluster;

import io.gregor.controller.ImageListener;
import io.gregor.controller.MetadataImage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows each image to all that follow the metadata, in their order. Confined to the controller's thread. */
public final class ImagePublisher {
    private static final Logger LOG = LoggerFactory.getLogger(ImagePublisher.class);

    private final List<ImageListener> listeners = new CopyOnWriteArrayList<>();
    private MetadataImage published = MetadataImage.EMPTY;

    /** Shows the listener all images from the next one on, each after those that follow already. On any thread. */
    public void follow(ImageListener listener) {
        listeners.add(listener);
    }

    /** Takes an image as published that nobody has to be shown. */
    void begin(MetadataImage image) {
        published = image;
    }

    /** The records of the image are durable: it is shown to every listener, whatever others make of it. */
    void publish(MetadataImage after, long endOffset) {
        MetadataImage before = published;
        published = after;
        for (ImageListener listener : listeners) {
            try {
                listener.published(before, after, endOffset);
            } catch (RuntimeException e) {
                LOG.error("Applying a change of the metadata failed", e);
            }
        }
    }

    MetadataImage published() {
        return published;
    }
}
