package io.gregor.broker.partition;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.CordonedLogDirs;
import io.gregor.broker.config.DynamicConfig;
import io.gregor.broker.config.TopicConfig;
import io.gregor.controller.ConfigResource;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicImage;
import io.gregor.log.LogFolder;
import io.gregor.log.PartitionLog;
import io.gregor.log.Progress;
import io.gregor.wire.Uuid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of this broker, kept in step with the metadata image. Read on any thread, changed by whoever publishes
 * images, one at a time.
 */
public final class Partitions {
    private static final Logger LOG = LoggerFactory.getLogger(Partitions.class);
    /** Up to so many partitions are not worth another thread. */
    private static final int FEW = 64;

    private final BrokerConfig config;
    private final List<LogFolder> folders;
    private final List<? extends Lane> lanes;
    private final InstantSource clock;
    /** Where there is none its folder was offline at the start. */
    private final Map<Uuid, List<@Nullable Partition>> byTopic = new ConcurrentHashMap<>();

    private final Map<String, LogFolder> preferred = new ConcurrentHashMap<>();
    /** The roots of folders that get no new partitions. */
    private volatile Set<Path> cordoned = Set.of();

    private int offlineFolders;
    private boolean loaded;

    public Partitions(BrokerConfig config, List<LogFolder> folders, List<? extends Lane> lanes, InstantSource clock) {
        this.clock = clock;
        this.config = config;
        this.folders = folders;
        this.lanes = lanes;
    }

    /** How many of the configured folders could not be opened: what is not found may lie there. */
    public void offlineFolders(int count) {
        offlineFolders = count;
    }

    /** Where a partition is to lie that does not exist yet. */
    public void prefer(String name, LogFolder folder) {
        preferred.put(name, folder);
    }

    /** Whether new partitions shall not lie there. */
    public boolean isCordoned(LogFolder folder) {
        return cordoned.contains(folder.root());
    }

    /** Whether new partitions shall lie nowhere. */
    public boolean areAllCordoned() {
        return folders.stream().allMatch(folder -> folder.isOffline() || isCordoned(folder));
    }

    /** The partition with that number, or null if this broker has none such, or not now. */
    public @Nullable Partition find(Uuid topicId, int index) {
        List<@Nullable Partition> partitions = byTopic.get(topicId);
        Partition found = partitions == null || index < 0 || index >= partitions.size() ? null : partitions.get(index);
        return found == null || found.log().isOffline() ? null : found;
    }

    /** Whether this broker has a partition of that number, but its folder is offline. */
    public boolean isOffline(Uuid topicId, int index) {
        List<@Nullable Partition> partitions = byTopic.get(topicId);
        return partitions != null && index >= 0 && index < partitions.size() && find(topicId, index) == null;
    }

    /** All partitions that can be read and written, in no order. */
    public List<Partition> all() {
        List<Partition> all = new ArrayList<>();
        for (List<@Nullable Partition> partitions : byTopic.values()) {
            for (Partition partition : partitions) {
                if (partition != null && !partition.log().isOffline()) {
                    all.add(partition);
                }
            }
        }
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
        cordoned = CordonedLogDirs.of(now);
        List<Opening> openings = new ArrayList<>();
        Map<LogFolder, Integer> counts = counts();
        for (TopicImage topic : after.topicsById().values()) {
            ConfigResource resource = ConfigResource.topic(topic.name());
            boolean reconfigured = allReconfigured || !before.configOf(resource).equals(after.configOf(resource));
            if (topic != before.topic(topic.id()) || reconfigured) {
                prepare(topic, TopicConfig.of(after.configOf(resource), now), counts, openings);
            }
        }
        open(openings);
        loaded = true;
    }

    /** A partition that is new here, and where it is to lie; nowhere, if it may lie in a folder that is offline. */
    private record Opening(
            TopicImage topic, int index, @Nullable LogFolder folder, TopicConfig config) {}

    private void prepare(
            TopicImage topic, TopicConfig topicConfig, Map<LogFolder, Integer> counts, List<Opening> openings)
            throws IOException {
        boolean several = folders.size() + offlineFolders > 1;
        List<@Nullable Partition> there = byTopic.getOrDefault(topic.id(), List.of());
        for (Partition partition : there) {
            if (partition != null) {
                partition.config(topicConfig);
            }
        }
        for (int i = there.size(); i < topic.partitions().size(); i++) {
            LogFolder folder = LogFolder.holding(folders, topic.name(), i, several ? topic.id() : null);
            if (folder == null && (loaded || offlineFolders == 0)) {
                LogFolder preferred = this.preferred.remove(topic.name() + "-" + i);
                folder = preferred == null || preferred.isOffline() ? emptiest(counts) : preferred;
            }
            openings.add(new Opening(topic, i, folder, topicConfig));
        }
    }

    /**
     * Of the folders that new partitions may lie in. If all are cordoned, what has to lie somewhere lies in the first.
     */
    private Map<LogFolder, Integer> counts() {
        Map<LogFolder, Integer> counts = new LinkedHashMap<>();
        boolean nowhere = areAllCordoned();
        for (LogFolder folder : folders) {
            if (!folder.isOffline() && (nowhere ? counts.isEmpty() : !isCordoned(folder))) {
                counts.put(folder, folder.count());
            }
        }
        return counts;
    }

    /** The folder with the fewest partitions, which has one more then. */
    private static LogFolder emptiest(Map<LogFolder, Integer> counts) throws IOException {
        LogFolder emptiest = null;
        for (Map.Entry<LogFolder, Integer> entry : counts.entrySet()) {
            if (emptiest == null || entry.getValue() < counts.getOrDefault(emptiest, 0)) {
                emptiest = entry.getKey();
            }
        }
        if (emptiest == null) {
            throw new IOException("all log folders are offline");
        }
        counts.merge(emptiest, 1, Integer::sum);
        return emptiest;
    }

    /** Many at once are opened by several threads, and all that may have to be recovered: that reads much. */
    private void open(List<Opening> openings) throws IOException {
        boolean recovers = !loaded && folders.stream().anyMatch(folder -> !folder.wasStoppedCleanly());
        boolean parallel = openings.size() > FEW || recovers;
        Stream<Opening> stream = parallel ? openings.parallelStream() : openings.stream();
        List<@Nullable Partition> opened = new ArrayList<>();
        Progress progress =
                new Progress(clock, openings.size(), (done, all) -> LOG.info("Opened {} of {} partitions", done, all));
        try {
            stream.map(opening -> Optional.ofNullable(open(opening, progress)))
                    .toList()
                    .forEach(partition -> opened.add(partition.orElse(null)));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        Map<Uuid, List<@Nullable Partition>> added = new HashMap<>();
        for (int i = 0; i < opened.size(); i++) {
            Uuid topicId = openings.get(i).topic().id();
            added.computeIfAbsent(topicId, id -> new ArrayList<>(byTopic.getOrDefault(id, List.of())))
                    .add(opened.get(i));
        }
        added.forEach((id, partitions) -> byTopic.put(id, Collections.unmodifiableList(partitions)));
    }

    private @Nullable Partition open(Opening opening, Progress progress) {
        Partition partition = open(opening);
        progress.oneMore();
        return partition;
    }

    /** Null if its folder is offline. */
    private @Nullable Partition open(Opening opening) {
        TopicImage topic = opening.topic();
        LogFolder folder = opening.folder();
        int i = opening.index();
        int leaderEpoch = topic.partitions().get(i).leaderEpoch();
        if (folder == null) {
            return null;
        }
        try {
            PartitionLog log =
                    folder.open(topic.name(), i, topic.id(), opening.config().log());
            log.beginEpoch(leaderEpoch);
            Lane lane = lanes.get(Math.floorMod(topic.id().hashCode() + i, lanes.size()));
            return new Partition(topic.name(), topic.id(), i, log, lane, leaderEpoch, opening.config());
        } catch (IOException e) {
            if (folder.isOffline()) {
                return null;
            }
            throw new UncheckedIOException("opening " + topic.name() + "-" + i + ": " + e.getMessage(), e);
        }
    }

    private void delete(Uuid topicId) throws IOException {
        List<@Nullable Partition> partitions = byTopic.remove(topicId);
        if (partitions == null) {
            return;
        }
        for (Partition partition : partitions) {
            if (partition != null) {
                delete(partition);
            }
        }
    }

    /** What lies in a folder that is offline is put aside when that comes back. */
    private void delete(Partition partition) throws IOException {
        for (LogFolder folder : folders) {
            if (!folder.isOffline()) {
                folder.delete(partition.topic(), partition.index());
            }
        }
        partition.lane().execute(partition::delete);
    }
}
