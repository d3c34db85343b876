package io.gregor.broker.coordination;

import io.gregor.broker.lane.Lane;
import io.gregor.coordinator.runtime.Shard;
import io.gregor.wire.message.ErrorCode;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One shard of a coordinator: loads it from its partition, and lets it be asked. Called on any thread; the shard itself
 * is confined to the lane, but while it is loaded. Loading that fails for a reason that may pass is tried again with
 * back-off, each time into a new shard.
 */
final class ShardHandle<S extends Shard> {
    /** Where a shard's records lie. */
    interface Source {
        Lane lane();

        /** Whether the partition is gone for good. */
        boolean isDeleted();

        boolean isEmpty();

        /**
         * Applies all records that are there now, but for those that are damaged.
         *
         * @param afterBatch run after each batch of them; may throw
         */
        void replay(Shard shard, Runnable afterBatch) throws IOException;
    }

    /** The state of this shard, with that of all others, would not fit into memory. */
    private static final class TooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooLargeException() {
            super("what the coordinators hold would take more memory than they may have", null, false, false);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(ShardHandle.class);
    private static final long FIRST_RETRY_MS = 100;
    private static final long LAST_RETRY_MS = 10_000;

    private final Source source;
    private final Executor loader;
    private final Supplier<S> factory;
    private final Consumer<S> whenLoaded;
    private volatile @Nullable S shard;
    private volatile ErrorCode state = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;

    /**
     * @param loader reads the log
     * @param factory makes an empty shard
     * @param whenLoaded run on the lane once the shard is loaded, and can be asked and told
     */
    ShardHandle(Source source, Executor loader, Supplier<S> factory, Consumer<S> whenLoaded) {
        this.source = source;
        this.loader = loader;
        this.factory = factory;
        this.whenLoaded = whenLoaded;
    }

    /** NONE when the shard can be asked; else COORDINATOR_LOAD_IN_PROGRESS or COORDINATOR_NOT_AVAILABLE. */
    ErrorCode state() {
        return state;
    }

    boolean isDeleted() {
        return source.isDeleted();
    }

    /** To be called once. */
    void begin() {
        if (source.isEmpty()) {
            shard = factory.get();
            state = ErrorCode.NONE;
        } else {
            loader.execute(() -> load(FIRST_RETRY_MS));
        }
    }

    private void load(long retryMs) {
        S fresh = factory.get();
        try {
            source.replay(fresh, () -> requireRoom(fresh));
            source.lane().execute(() -> enter(fresh));
        } catch (IOException | TooLargeException e) {
            giveUp(fresh);
            if (source.isDeleted()) {
                return;
            }
            LOG.error("Loading {} failed, and is tried again in {} ms: {}", source, retryMs, e.toString());
            Runnable again = () -> loader.execute(() -> load(Math.min(2 * retryMs, LAST_RETRY_MS)));
            source.lane().schedule(again, retryMs);
        } catch (RuntimeException e) {
            LOG.error("Loading {} failed; what it holds is not available", source, e);
            giveUp(fresh);
        }
    }

    private void giveUp(S fresh) {
        fresh.memory().close();
        state = ErrorCode.COORDINATOR_NOT_AVAILABLE;
    }

    private static void requireRoom(Shard shard) {
        if (shard.memory().isExceededByLoading()) {
            throw new TooLargeException();
        }
    }

    private void enter(S loaded) {
        if (source.isDeleted()) {
            giveUp(loaded);
            return;
        }
        shard = loaded;
        // First, so that nothing it is told is missed. It is asked in later tasks of the lane.
        state = ErrorCode.NONE;
        try {
            loaded.loaded();
            whenLoaded.accept(loaded);
        } catch (RuntimeException e) {
            LOG.error("Something that was to go on after {} was loaded does not", source, e);
        }
    }

    /**
     * Asks the shard, on its lane. It is answered exactly once, whatever happens.
     *
     * @param question is given the shard, and answers at once or later
     * @param refusal the answer where the shard cannot be asked now, {@link #state} or NOT_COORDINATOR, or where the
     *     question, or what follows an append of it, has thrown: UNKNOWN_SERVER_ERROR
     */
    <R> void ask(BiConsumer<S, Consumer<R>> question, Function<ErrorCode, R> refusal, Consumer<R> answer) {
        if (state != ErrorCode.NONE) {
            answer.accept(refusal.apply(state));
            return;
        }
        source.lane().execute(() -> {
            S now = shard;
            if (now == null || source.isDeleted()) {
                answer.accept(refusal.apply(ErrorCode.NOT_COORDINATOR));
                return;
            }
            Once<R> once = new Once<>(answer);
            now.asking()
                    .ask(
                            () -> once.offer(refusal.apply(ErrorCode.UNKNOWN_SERVER_ERROR)),
                            () -> question.accept(now, once));
        });
    }

    /** Runs something on the shard, on its lane, if it is loaded. */
    void tell(Consumer<S> operation) {
        if (state == ErrorCode.NONE) {
            ask(
                    (loaded, done) -> {
                        operation.accept(loaded);
                        done.accept(ErrorCode.NONE);
                    },
                    error -> error,
                    error -> LOG.debug("{} was told something: {}", source, error));
        }
    }

    /** The partition is gone: what the shard holds is given back. */
    void close() {
        source.lane().execute(() -> {
            S now = shard;
            if (now != null) {
                now.memory().close();
            }
        });
    }

    @Override
    public String toString() {
        return source.toString();
    }
}
