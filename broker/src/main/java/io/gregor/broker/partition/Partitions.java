package io.gregor.broker.partition;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.DynamicConfig;
import io.gregor.broker.config.TopicConfig;
import io.gregor.controller.ConfigResource;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicImage;
import io.gregor.log.LogFolder;
import io.gregor.log.PartitionLog;
import io.gregor.wire.Uuid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of this broker, kept in step with the metadata image. Read on any thread, changed by whoever publishes
 * images, one at a time.
 */
public final class Partitions {
    /** Up to so many partitions are not worth another thread. */
    private static final int FEW = 64;

    private final BrokerConfig config;
    private final List<LogFolder> folders;
    private final List<? extends Lane> lanes;
    private final Map<Uuid, List<Partition>> byTopic = new ConcurrentHashMap<>();
    private int opened;

    public Partitions(BrokerConfig config, List<LogFolder> folders, List<? extends Lane> lanes) {
        this.config = config;
        this.folders = folders;
        this.lanes = lanes;
    }

    /** The partition with that number, or null if this broker has none such. */
    public @Nullable Partition find(Uuid topicId, int index) {
        List<Partition> partitions = byTopic.get(topicId);
        return partitions == null || index < 0 || index >= partitions.size() ? null : partitions.get(index);
    }

    /** All partitions, in no order. */
    public List<Partition> all() {
        List<Partition> all = new ArrayList<>();
        byTopic.values().forEach(all::addAll);
        return all;
    }

    /** Opens what is new in the image, and takes out what it has no more. */
    @SuppressWarnings("ReferenceEquality") // A topic that did not change is the same object.
    public void apply(MetadataImage before, MetadataImage after) throws IOException {
        for (TopicImage topic : before.topicsById().values()) {
            if (after.topic(topic.id()) == null) {
                delete(topic.id());
            }
        }
        DynamicConfig now = DynamicConfig.of(after, config);
        boolean allReconfigured = !now.equals(DynamicConfig.of(before, config));
        List<Opening> openings = new ArrayList<>();
        for (TopicImage topic : after.topicsById().values()) {
            ConfigResource resource = ConfigResource.topic(topic.name());
            boolean reconfigured = allReconfigured || !before.configOf(resource).equals(after.configOf(resource));
            if (topic != before.topic(topic.id()) || reconfigured) {
                prepare(topic, TopicConfig.of(after.configOf(resource), now), openings);
            }
        }
        open(openings);
    }

    /** A partition that is new here. */
    private record Opening(TopicImage topic, int index, LogFolder folder, TopicConfig config) {}

    private void prepare(TopicImage topic, TopicConfig topicConfig, List<Opening> openings) {
        List<Partition> there = byTopic.getOrDefault(topic.id(), List.of());
        there.forEach(partition -> partition.config(topicConfig));
        for (int i = there.size(); i < topic.partitions().size(); i++) {
            openings.add(new Opening(topic, i, folderFor(topic.name(), i), topicConfig));
        }
    }

    /** Many at once, as at a start, are opened by several threads: after a crash that reads much. */
    private void open(List<Opening> openings) throws IOException {
        Stream<Opening> stream = openings.size() > FEW ? openings.parallelStream() : openings.stream();
        List<Partition> opened;
        try {
            opened = stream.map(this::open).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        Map<Uuid, List<Partition>> added = new HashMap<>();
        for (Partition partition : opened) {
            added.computeIfAbsent(partition.topicId(), id -> new ArrayList<>(byTopic.getOrDefault(id, List.of())))
                    .add(partition);
        }
        added.forEach((id, partitions) -> byTopic.put(id, List.copyOf(partitions)));
    }

    private Partition open(Opening opening) {
        TopicImage topic = opening.topic();
        int i = opening.index();
        int leaderEpoch = topic.partitions().get(i).leaderEpoch();
        try {
            PartitionLog log = opening.folder()
                    .open(topic.name(), i, topic.id(), opening.config().log());
            log.beginEpoch(leaderEpoch);
            Lane lane = lanes.get(Math.floorMod(topic.id().hashCode() + i, lanes.size()));
            return new Partition(topic.name(), topic.id(), i, log, lane, leaderEpoch, opening.config());
        } catch (IOException e) {
            throw new UncheckedIOException("opening " + topic.name() + "-" + i + ": " + e.getMessage(), e);
        }
    }

    /** Where the partition already lies, else the folders in turn. */
    private LogFolder folderFor(String topic, int index) {
        for (LogFolder folder : folders) {
            if (folder.holds(topic, index)) {
                return folder;
            }
        }
        return folders.get(opened++ % folders.size());
    }

    private void delete(Uuid topicId) throws IOException {
        List<Partition> partitions = byTopic.remove(topicId);
        if (partitions == null) {
            return;
        }
        for (Partition partition : partitions) {
            for (LogFolder folder : folders) {
                folder.delete(partition.topic(), partition.index());
            }
            partition.lane().execute(partition::delete);
        }
    }

    public List<LogFolder> folders() {
        return folders;
    }
}
