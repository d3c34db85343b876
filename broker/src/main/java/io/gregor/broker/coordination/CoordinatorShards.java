package io.gregor.broker.coordination;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.lane.OneByOne;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.Partitions;
import io.gregor.controller.TopicImage;
import io.gregor.coordinator.runtime.Shard;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The shards of a coordinator, one for each partition of its topic, each on its partition's lane. Called on any thread.
 * A shard whose partition holds records is loaded first, on a background thread; until then its keys get
 * COORDINATOR_LOAD_IN_PROGRESS.
 */
public final class CoordinatorShards<S extends Shard> {
    private final String topic;
    private final ClusterMetadata metadata;
    private final Partitions partitions;
    private final Executor loader;
    private final Function<Partition, S> factory;
    private final Consumer<S> whenLoaded;
    private final Map<Partition, ShardHandle<S>> handles = new ConcurrentHashMap<>();

    /**
     * @param topic what the coordinator stores its records in
     * @param factory makes the empty shard of a partition
     * @param whenLoaded run on a shard's lane once its records are loaded
     */
    public CoordinatorShards(
            String topic,
            ClusterMetadata metadata,
            Partitions partitions,
            Executor loader,
            Function<Partition, S> factory,
            Consumer<S> whenLoaded) {
        this.topic = topic;
        this.metadata = metadata;
        this.partitions = partitions;
        this.loader = loader;
        this.factory = factory;
        this.whenLoaded = whenLoaded;
    }

    /** Begins to load every shard that has records, so that no client has to wait for it later. */
    public void load() {
        TopicImage image = metadata.image().topic(topic);
        if (image == null) {
            return;
        }
        for (int i = 0; i < image.partitions().size(); i++) {
            Partition partition = partitions.find(image.id(), i);
            if (partition != null && partition.view().endOffset() > 0) {
                handle(partition);
            }
        }
    }

    /**
     * Asks the shard of that key, on its lane. It is answered exactly once, whatever happens.
     *
     * @param question is given the shard, and whom to tell the answer, at once or later
     * @param refusal the answer where there is no such shard now: NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS,
     *     COORDINATOR_NOT_AVAILABLE; or where the question, or what follows an append of
     *     it, has thrown: UNKNOWN_SERVER_ERROR
     */
    public <R> void ask(
            String key, BiConsumer<S, Consumer<R>> question, Function<ErrorCode, R> refusal, Consumer<R> answer) {
        Partition partition = partitionOf(key);
        if (partition == null) {
            answer.accept(refusal.apply(ErrorCode.NOT_COORDINATOR));
        } else {
            ask(partition, question, refusal, answer);
        }
    }

    /** As above, for the shard of that partition of the coordinator's topic. */
    public <R> void ask(
            Partition partition,
            BiConsumer<S, Consumer<R>> question,
            Function<ErrorCode, R> refusal,
            Consumer<R> answer) {
        handle(partition).ask(question, refusal, answer);
    }

    /** The number of the partition that holds that key, or -1 if the topic does not exist yet. */
    public int indexOf(String key) {
        TopicImage image = metadata.image().topic(topic);
        // Kafka's own rule, which a folder that changes hands depends on: the absolute value, of the least int 0.
        int hash = key.hashCode();
        int positive = hash == Integer.MIN_VALUE ? 0 : hash < 0 ? -hash : hash;
        return image == null ? -1 : positive % image.partitions().size();
    }

    /** The partition that holds that key, or null if there is none yet. */
    public @Nullable Partition partitionOf(String key) {
        TopicImage image = metadata.image().topic(topic);
        return image == null ? null : partitions.find(image.id(), indexOf(key));
    }

    /**
     * Asks every shard that has been used, each on its lane, and hands over all results at the end, or the first error:
     * those of {@link #ask}.
     */
    public <T> void askAll(Function<S, List<T>> question, Consumer<List<T>> done, Consumer<ErrorCode> refused) {
        List<ShardHandle<S>> all = new ArrayList<>(handles.values());
        all.removeIf(ShardHandle::isDeleted);
        List<T> results = new ArrayList<>();
        AtomicReference<ErrorCode> failed = new AtomicReference<>(ErrorCode.NONE);
        all.forEach(handle -> failed.compareAndSet(ErrorCode.NONE, handle.state()));
        OneByOne.each(
                failed.get() == ErrorCode.NONE ? all : List.of(),
                (handle, next) -> handle.<ErrorCode>ask(
                        (shard, told) -> {
                            results.addAll(question.apply(shard));
                            told.accept(ErrorCode.NONE);
                        },
                        error -> error,
                        error -> {
                            // What is deleted meanwhile has nothing any more.
                            if (error != ErrorCode.NOT_COORDINATOR) {
                                failed.compareAndSet(ErrorCode.NONE, error);
                            }
                            next.run();
                        }),
                () -> {
                    if (failed.get() == ErrorCode.NONE) {
                        done.accept(results);
                    } else {
                        refused.accept(failed.get());
                    }
                });
    }

    /** Runs an operation on every shard that is there, each on its lane. */
    public void onEachLoaded(Consumer<S> operation) {
        handles.values().forEach(handle -> handle.tell(operation));
    }

    /** How many shards there are that cannot be asked yet. */
    int loading() {
        return (int) handles.values().stream()
                .filter(handle -> handle.state() != ErrorCode.NONE && !handle.isDeleted())
                .count();
    }

    private ShardHandle<S> handle(Partition partition) {
        ShardHandle<S> known = handles.get(partition);
        if (known != null) {
            return known;
        }
        ShardHandle<S> created =
                new ShardHandle<>(new ShardRecords(partition), loader, () -> factory.apply(partition), whenLoaded);
        ShardHandle<S> raced = handles.putIfAbsent(partition, created);
        if (raced != null) {
            return raced;
        }
        forgetDeleted();
        created.begin();
        return created;
    }

    private void forgetDeleted() {
        handles.forEach((partition, handle) -> {
            if (partition.isDeleted() && handles.remove(partition, handle)) {
                handle.close();
            }
        });
    }
}
