package io.gregor.coordinator.group.shard;

import io.gregor.coordinator.group.GroupTopics;
import io.gregor.coordinator.group.classic.ClassicGroupConfig;
import io.gregor.coordinator.group.consumer.ConsumerGroupConfig;
import io.gregor.coordinator.group.consumer.assignor.Assignor;
import io.gregor.coordinator.group.consumer.assignor.RangeAssignor;
import io.gregor.coordinator.group.consumer.assignor.UniformAssignor;
import io.gregor.coordinator.group.offset.OffsetConfig;
import io.gregor.coordinator.runtime.Offload;
import io.gregor.coordinator.runtime.SimulatedJournal;
import io.gregor.coordinator.runtime.SimulatedTimers;
import io.gregor.coordinator.runtime.StateMemory;
import io.gregor.coordinator.runtime.Timers;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Uuid;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A shard of groups with simulated time, topics and log, which can be restarted: then it loads what is in its log. */
final class SimulatedShard {
    static final int SESSION_MS = 45_000;
    static final int HEARTBEAT_MS = 5_000;

    private final ManualTime time = new ManualTime();
    private final SimulatedJournal journal = new SimulatedJournal(this::answer);
    private final Random ids = new Random(1);
    private final ByteBudget budget;
    private final SimulatedTopics topics = new SimulatedTopics();
    private SimulatedTimers timers = new SimulatedTimers(time);
    private GroupShard shard;
    private int life;
    private long appendMs;

    SimulatedShard() {
        this(new ByteBudget("groups", Long.MAX_VALUE));
    }

    /** @param budget of all that the shard holds */
    SimulatedShard(ByteBudget budget) {
        this.budget = budget;
        shard = create();
    }

    private GroupShard create() {
        life++;
        GroupConfig config = new GroupConfig(
                new ClassicGroupConfig(1, 1_000_000, 3000, 1000),
                new SimulatedConfig(),
                new OffsetConfig(4096, Long.MAX_VALUE));
        timers = new SimulatedTimers(time, this::inThisLife);
        return new GroupShard(
                config,
                new StateMemory(budget),
                topics,
                journal,
                timers,
                new SlowAside(),
                time,
                () -> Uuid.random(ids));
    }

    private void answer(Runnable answer) {
        if (appendMs == 0) {
            answer.run();
        } else {
            time.schedule(appendMs, inThisLife(answer));
        }
    }

    private Runnable inThisLife(Runnable task) {
        int own = life;
        return () -> {
            if (own == life) {
                task.run();
            }
        };
    }

    GroupShard shard() {
        return shard;
    }

    SimulatedJournal journal() {
        return journal;
    }

    /** How long it takes from now on until an append is answered. */
    void appendsTake(long ms) {
        appendMs = ms;
    }

    /** What the shard waits for. */
    Set<Timers.Key> waitsFor() {
        return timers.waitsFor();
    }

    ManualTime time() {
        return time;
    }

    SimulatedTopics topics() {
        return topics;
    }

    /** Grows with every restart: what was asked before is never answered. */
    int life() {
        return life;
    }

    /** Everything in memory is lost; what is in the log is loaded again. */
    void restart() {
        shard.memory().close();
        shard = create();
        journal.log().forEach(shard::apply);
        shard.loaded();
    }

    private final class SlowAside implements Offload {
        @Override
        public <T> void run(Supplier<T> work, Consumer<@Nullable T> onLane) {
            T result = work.get();
            time.schedule(10, inThisLife(() -> onLane.accept(result)));
        }
    }

    private static final class SimulatedConfig implements ConsumerGroupConfig {
        private final List<Assignor> assignors = List.of(new UniformAssignor(), new RangeAssignor());

        @Override
        public int sessionTimeoutMs(String groupId) {
            return SESSION_MS;
        }

        @Override
        public int heartbeatIntervalMs(String groupId) {
            return HEARTBEAT_MS;
        }

        @Override
        public int assignmentIntervalMs(String groupId) {
            return 1000;
        }

        @Override
        public int maxSize() {
            return Integer.MAX_VALUE;
        }

        @Override
        public List<Assignor> assignors() {
            return assignors;
        }

        @Override
        public Migration migration() {
            return Migration.BIDIRECTIONAL;
        }

        @Override
        public int regexRefreshIntervalMs() {
            return 600_000;
        }
    }

    /** Topics that can be made, grow, and go. */
    static final class SimulatedTopics implements GroupTopics {
        private final Random random = new Random(2);
        private final Map<String, Topic> byName = new TreeMap<>();
        private long version;
        private long newVersion;

        void create(String name, int partitions) {
            byName.put(name, topic(Uuid.random(random), name, partitions));
            newVersion = ++version;
        }

        private static Topic topic(Uuid id, String name, int partitions) {
            return new Topic(id, name, Collections.nCopies(partitions, List.of()));
        }

        void grow(String name, int partitions) {
            byName.computeIfPresent(name, (key, topic) -> topic(topic.id(), name, topic.partitions() + partitions));
            version++;
        }

        void delete(String name) {
            byName.remove(name);
            version++;
        }

        @Override
        public @Nullable Topic find(String name) {
            return byName.get(name);
        }

        @Override
        public @Nullable Topic find(Uuid id) {
            return byName.values().stream()
                    .filter(topic -> topic.id().equals(id))
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public Set<String> names() {
            return Set.copyOf(byName.keySet());
        }

        @Override
        public long version() {
            return version;
        }

        @Override
        public long newTopicsVersion() {
            return newVersion;
        }
    }
}
