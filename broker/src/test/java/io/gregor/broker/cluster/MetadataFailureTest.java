package io.gregor.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MutationQuota;
import io.gregor.log.LogConfig;
import io.gregor.log.LogDir;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.RealDisk;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.CreatePartitionsRequest;
import io.gregor.wire.message.CreatePartitionsResponse;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.DeleteTopicsRequest;
import io.gregor.wire.message.DeleteTopicsResponse;
import io.gregor.wire.message.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Topics are created, grown and deleted, by seed, on a disk that runs out of room for a while, or fails for good; then
 * the broker starts again. Requests come several at a time. Each is answered once, and as a model of the topics says
 * that takes no notice of records; what is published is that model, and what is loaded is what was published. A change
 * that was under way when the disk failed for good is there as a whole or not at all.
 */
class MetadataFailureTest {
    /** Other seeds than those of each build: {@code compat-tests/run nightly} takes some at random. */
    private static final int FIRST = Integer.getInteger("seeds.from", 0);

    private static final int HISTORIES = Integer.getInteger("metadata.histories", 10);
    private static final int STEPS = 150;
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final LogConfig SMALL_SEGMENTS = new LogConfig(
            new LogConfig.Rolling(700, Long.MAX_VALUE, 0, 1 << 20),
            LogConfig.DEFAULT.retention(),
            LogConfig.DEFAULT.compaction(),
            LogConfig.DEFAULT.flushing(),
            100,
            60_000,
            false);

    @TempDir
    Path folder;

    private final BrokerConfig config = BrokerConfig.of(Map.of());
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<Runnable> background = new ArrayDeque<>();
    private Random random = new Random();
    private ExhaustibleDisk disk = new ExhaustibleDisk(random);
    private LocalController controller;
    private ImagePublisher publisher;
    private String seed = "";
    private int step;
    private long nowMs = 1_700_000_000_000L;
    private int copies;
    private int waiting;
    private int stored;
    private int refused;
    /** The partitions of each topic. */
    private Map<String, Integer> topics = new TreeMap<>();
    /** What may be there instead, since nobody knows what became of a change. */
    private Map<String, Integer> perhaps = new TreeMap<>();

    @BeforeEach
    void start() throws IOException {
        begin(Files.createDirectory(folder.resolve("first")));
    }

    @Test
    void whatIsPublishedIsWhatIsStored() throws IOException {
        for (int history = FIRST; history < FIRST + HISTORIES; history++) {
            random = new Random(history);
            seed = "seed " + history;
            topics = new TreeMap<>();
            perhaps = new TreeMap<>();
            Path root = Files.createDirectory(folder.resolve("live" + history));
            begin(root);
            for (step = 0; step < STEPS; step++) {
                act(root);
            }
            disk.recover();
            runTasks();
            assertLoads(root);
        }
        assertThat(stored).isGreaterThan(HISTORIES * STEPS / 10);
        assertThat(refused).isGreaterThan(HISTORIES);
    }

    private String when() {
        return seed + ", step " + step;
    }

    private void act(Path root) throws IOException {
        switch (random.nextInt(12)) {
            case 0 -> disk.exhaustAfter(random.nextInt(12));
            case 1, 2 -> disk.recover();
            case 3 -> {
                if (random.nextInt(4) == 0) {
                    disk.failAfter(random.nextInt(12));
                }
            }
            case 4 -> runTasks();
            default -> submit();
        }
        if (random.nextBoolean()) {
            runTasks();
            if (random.nextInt(8) == 0 && !disk.hasFailed()) {
                assertLoads(root);
            }
            if (disk.hasFailed() || random.nextInt(20) == 0) {
                begin(root);
            }
        }
    }

    private void runTasks() {
        while (!tasks.isEmpty() || !background.isEmpty()) {
            boolean first = background.isEmpty() || !tasks.isEmpty() && random.nextBoolean();
            (first ? tasks : background).remove().run();
        }
        assertThat(waiting).as("%s: requests without an answer", when()).isZero();
        assertThat(shown(publisher.published())).as(when()).isEqualTo(topics);
    }

    private static Map<String, Integer> shown(MetadataImage image) {
        Map<String, Integer> shown = new TreeMap<>();
        image.topicsById()
                .values()
                .forEach(topic -> assertThat(
                                shown.put(topic.name(), topic.partitions().size()))
                        .as("topics of the name %s", topic.name())
                        .isNull());
        return shown;
    }

    /** What another start would find, now that the disk has all. */
    private void assertLoads(Path root) throws IOException {
        Path target = folder.resolve("copy" + copies++);
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.toList()) {
                Files.copy(path, target.resolve(root.relativize(path).toString()));
            }
        }
        MetadataImage loaded = metadataLog(target, new RealDisk()).load();
        assertThat(shown(loaded)).as(when()).isEqualTo(topics);
        assertThat(loaded.topicsById())
                .as(when())
                .isEqualTo(publisher.published().topicsById());
        assertThat(loaded.configs()).as(when()).isEqualTo(publisher.published().configs());
    }

    private LocalMetadataLog metadataLog(Path root, Disk on) throws IOException {
        LogEnvironment environment = new LogEnvironment(
                on, () -> Instant.ofEpochMilli(nowMs), new Random(1), (task, delayMs) -> background.add(task));
        LogDir opened = new LogDir(environment, root, because -> {});
        return new LocalMetadataLog(
                opened.open("__cluster_metadata", 0, Uuid.METADATA_TOPIC, SMALL_SEGMENTS),
                environment.clock(),
                new LocalMetadataLog.SnapshotRules(3000, 0));
    }

    /** A start, on a disk that works. */
    private void begin(Path root) throws IOException {
        tasks.clear();
        background.clear();
        disk = new ExhaustibleDisk(random);
        publisher = new ImagePublisher();
        controller = new LocalController(
                metadataLog(root, disk.disk()),
                ControllerOperations.of(config, MutationQuota.Source.UNLIMITED, () -> false, () -> random.nextLong()),
                publisher,
                Runnable::run,
                tasks::add,
                Runnable::run,
                new HostNames(() -> 0),
                new ByteBudget("metadata", 1 << 24));
        controller.load(1, Features.bootstrapRecords(), "1", Features.newestMetadataVersion(config), names -> {});
        Map<String, Integer> loaded = shown(publisher.published());
        assertThat(loaded).as("%s: a start", when()).isIn(topics, perhaps);
        topics = loaded;
        perhaps = loaded;
    }

    private void submit() {
        nowMs += 1000;
        String name = NAMES.get(random.nextInt(NAMES.size()));
        int count = 1 + random.nextInt(6);
        switch (random.nextInt(3)) {
            case 0 -> {
                CreateTopicsRequest request = new CreateTopicsRequest()
                        .topics(List.of(new CreateTopicsRequest.CreatableTopic()
                                .name(name)
                                .numPartitions(count)
                                .replicationFactor((short) 1)));
                submit(request, name, count, has -> has == 0 ? ErrorCode.NONE : ErrorCode.TOPIC_ALREADY_EXISTS);
            }
            case 1 -> {
                CreatePartitionsRequest request = new CreatePartitionsRequest()
                        .topics(List.of(new CreatePartitionsRequest.CreatePartitionsTopic()
                                .name(name)
                                .count(count)
                                .assignments(null)));
                submit(
                        request,
                        name,
                        count,
                        has -> has == 0
                                ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                                : count > has ? ErrorCode.NONE : ErrorCode.INVALID_PARTITIONS);
            }
            default -> {
                DeleteTopicsRequest request = new DeleteTopicsRequest()
                        .topics(List.of(new DeleteTopicsRequest.DeleteTopicState().name(name)));
                submit(request, name, 0, has -> has == 0 ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE);
            }
        }
    }

    /** @param expected the answer, given how many partitions the topic has */
    private void submit(Message request, String name, int partitions, Function<Integer, ErrorCode> expected) {
        waiting++;
        String what = when() + ": " + request.getClass().getSimpleName() + " " + name + " " + partitions;
        int[] answers = {0};
        controller
                .<Message>submit(request, new ControllerContext((short) 5, ""))
                .whenComplete((response, failure) -> {
                    assertThat(failure).as(what).isNull();
                    assertThat(++answers[0]).as("%s: answers", what).isEqualTo(1);
                    waiting--;
                    answered(what, error(response), name, partitions, expected.apply(topics.getOrDefault(name, 0)));
                });
    }

    private static ErrorCode error(Message response) {
        if (response instanceof CreateTopicsResponse created) {
            return ErrorCode.of(created.topics().get(0).errorCode());
        }
        if (response instanceof CreatePartitionsResponse grown) {
            return ErrorCode.of(grown.results().get(0).errorCode());
        }
        return ErrorCode.of(((DeleteTopicsResponse) response).responses().get(0).errorCode());
    }

    private void answered(String what, ErrorCode error, String name, int partitions, ErrorCode expected) {
        Map<String, Integer> after = new TreeMap<>(topics);
        after.put(name, partitions);
        after.remove(name, 0);
        if (error == ErrorCode.KAFKA_STORAGE_ERROR) {
            refused++;
            assertThat(expected).as(what).isEqualTo(ErrorCode.NONE);
            if (disk.hasFailed() && perhaps.equals(topics)) {
                perhaps = after;
            }
            return;
        }
        assertThat(error).as(what).isEqualTo(expected);
        if (error == ErrorCode.NONE) {
            stored++;
            topics = after;
            perhaps = after;
        }
    }
}
