package io.gregor.broker.coordination;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The answers for partitions of a request, by topic: first those that the handler refuses, then those of the
 * coordinator. Confined to one thread at a time. Each topic has one entry, however often the request names it; only if
 * the handler has refused nothing the coordinator's answers stay as they are. All of it takes time linear in the
 * number of partitions.
 *
 * @param <K> what tells topics apart: the name, or the id
 * @param <T> a topic in the response, with a list of partitions that can be added to
 * @param <P> a partition in the response
 */
public final class AnswersByTopic<K, T, P> {
    private final Function<T, K> key;
    private final Function<T, List<P>> partitions;
    private final Map<K, T> byKey = new HashMap<>();
    private final List<T> topics = new ArrayList<>();

    public AnswersByTopic(Function<T, K> key, Function<T, List<P>> partitions) {
        this.key = key;
        this.partitions = partitions;
    }

    /** Adds what is answered for some partitions of a topic. */
    public void add(T topic) {
        @Nullable T known = byKey.putIfAbsent(key.apply(topic), topic);
        if (known == null) {
            topics.add(topic);
        } else {
            partitions.apply(known).addAll(partitions.apply(topic));
        }
    }

    /** All answers, with those of the coordinator. */
    public List<T> with(List<T> ofCoordinator) {
        if (topics.isEmpty()) {
            return ofCoordinator;
        }
        ofCoordinator.forEach(this::add);
        return topics;
    }

    /** All answers, where the coordinator is not asked. */
    public List<T> all() {
        return topics;
    }
}
