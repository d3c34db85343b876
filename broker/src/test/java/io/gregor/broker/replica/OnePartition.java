package io.gregor.broker.replica;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.lane.Lane;
import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.log.LogDir;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.RemoveTopicRecord;
import io.gregor.wire.message.TopicRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** The partition {@code t-0} in a log directory; its background tasks run when the test says so. */
public final class OnePartition {
    private static final Uuid ID = new Uuid(7, 7);
    private static final byte TOPIC = 2;

    private final Deque<Runnable> background = new ArrayDeque<>();
    private final List<LogDir> folders = new ArrayList<>();
    private final Partitions partitions;
    private final TopicTraffics traffic = new TopicTraffics();
    private MetadataImage image = MetadataImage.EMPTY;
    private boolean mayGoOffline;

    public OnePartition(Disk disk, Path root, Lane lane, InstantSource clock, Map<String, String> config)
            throws IOException {
        this(disk, List.of(root), lane, clock, config);
    }

    /** It lies in the first of several log directories. */
    public OnePartition(Disk disk, List<Path> roots, Lane lane, InstantSource clock, Map<String, String> config)
            throws IOException {
        LogEnvironment environment =
                new LogEnvironment(disk, clock, new Random(1), (task, delayMs) -> background.add(task));
        for (Path root : roots) {
            folders.add(new LogDir(environment, root, this::wentOffline));
        }
        partitions = new Partitions(BrokerConfig.of(Map.of()), folders, List.of(lane), clock, Runnable::run);
        partitions.count(traffic);
        partitions.load(image);
        Message topic = new TopicRecord().name("t").topicId(ID);
        publish(ImageChange.apply(image, List.of(topic, partition(0))));
        for (LogDir folder : folders) {
            folder.begin();
        }
        configure(config);
    }

    private static PartitionRecord partition(int index) {
        return new PartitionRecord()
                .topicId(ID)
                .partitionId(index)
                .replicas(List.of(1))
                .isr(List.of(1))
                .leader(1);
    }

    private void wentOffline(IOException because) {
        if (!mayGoOffline) {
            throw new AssertionError(because);
        }
    }

    /** From now on it is no fault that a log directory goes offline. */
    public void mayGoOffline() {
        mayGoOffline = true;
    }

    private void publish(MetadataImage next) {
        partitions.published(image, next, 0);
        image = next;
    }

    /** Sets configurations of the topic, as the controller does. */
    public void configure(Map<String, String> config) {
        List<Message> records = new ArrayList<>();
        config.forEach((key, value) -> records.add(new ConfigRecord()
                .resourceType(TOPIC)
                .resourceName("t")
                .name(key)
                .value(value)));
        publish(ImageChange.apply(image, records));
    }

    /** Adds the partitions behind {@code t-0}, as the controller does. */
    public void grow(int partitions) {
        List<Message> records = new ArrayList<>();
        for (int index = 1; index < partitions; index++) {
            records.add(partition(index));
        }
        publish(ImageChange.apply(image, records));
    }

    /** Deletes the topic, as the controller does. */
    public void delete() throws IOException {
        publish(ImageChange.apply(image, List.of(new RemoveTopicRecord().topicId(ID))));
    }

    public List<LogDir> folders() {
        return folders;
    }

    /** The metadata with the topic. */
    public MetadataImage image() {
        return image;
    }

    /** What is counted of the partition's topic. */
    public TopicTraffics traffic() {
        return traffic;
    }

    public Partitions partitions() {
        return partitions;
    }

    public Partition partition() {
        return Objects.requireNonNull(partitions.find(ID, 0), "it is online");
    }

    /** Runs the next task that waits for the disk, if there is one. */
    public void runNextInBackground() {
        Runnable task = background.poll();
        if (task != null) {
            task.run();
        }
    }

    /** Runs the tasks that wait for the disk, and those that they begin. */
    public void runBackground() {
        for (Runnable task = background.poll(); task != null; task = background.poll()) {
            task.run();
        }
    }
}
