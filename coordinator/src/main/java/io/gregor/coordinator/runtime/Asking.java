package io.gregor.coordinator.runtime;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The question that a shard is being asked: should it fail, or anything that it has left for later, it is refused. So
 * whoever asks is answered whatever throws. Confined to the shard's lane.
 */
public final class Asking {
    private static final Logger LOG = LoggerFactory.getLogger(Asking.class);

    private @Nullable Runnable refusal;

    /**
     * Asks a question.
     *
     * @param refuse run if the question throws, or what is {@link #answering} it: more than once perhaps, and perhaps
     *     after an answer
     */
    public void ask(Runnable refuse, Runnable question) {
        Runnable outer = refusal;
        refusal = refuse;
        try {
            question.run();
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("A question to a shard, or what was to follow it, failed", e);
            refuse.run();
        } finally {
            refusal = outer;
        }
    }

    /** What is to go on later with the question that is asked now, if any is. */
    <T> Consumer<T> answering(Consumer<T> next) {
        Runnable refuse = refusal;
        return refuse == null ? next : result -> ask(refuse, () -> next.accept(result));
    }
}
