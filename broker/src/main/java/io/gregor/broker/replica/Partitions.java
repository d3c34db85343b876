package io.gregor.broker.replica;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.CordonedLogDirs;
import io.gregor.broker.config.DynamicConfig;
import io.gregor.broker.config.TopicConfig;
import io.gregor.broker.lane.Backoff;
import io.gregor.broker.lane.Lane;
import io.gregor.broker.memory.BoundedCache;
import io.gregor.controller.ConfigResource;
import io.gregor.controller.ImageListener;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicImage;
import io.gregor.log.LogDir;
import io.gregor.log.PartitionLog;
import io.gregor.log.Progress;
import io.gregor.wire.ByteBudget;
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
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of this broker, kept in step with the metadata image. Read on any thread, changed by whoever publishes
 * images, one at a time.
 */
public final class Partitions implements ImageListener {
    private static final Logger LOG = LoggerFactory.getLogger(Partitions.class);
    /** Up to so many partitions are not worth another thread. */
    private static final int FEW = 64;

    private static final long PREFERRED_BYTES = 1 << 20;
    private static final long FIRST_RETRY_MS = 500;
    private static final long LONGEST_RETRY_MS = 10_000;

    private final BrokerConfig config;
    private final List<LogDir> folders;
    private final List<? extends Lane> lanes;
    private final InstantSource clock;
    /** A null element is a partition that is not open: it is still to be opened, or offline. */
    private final Map<Uuid, List<@Nullable Partition>> byTopic = new ConcurrentHashMap<>();

    private final BoundedCache<String, LogDir> preferred =
            new BoundedCache<>(new ByteBudget("preferred log directories", PREFERRED_BYTES));
    /** The roots of folders that get no new partitions. */
    private volatile Set<Path> cordoned = Set.of();

    /** Partitions of the image that could not be opened, though their folder is online. */
    private final Set<TopicPartition> missing = ConcurrentHashMap.newKeySet();

    private final PartitionDeletion deletion;
    private final Backoff retries = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS);
    private final Executor thread;
    private final OpeningSteps steps;
    /** The latest that was published. */
    private MetadataImage image = MetadataImage.EMPTY;

    private @Nullable TopicTraffics traffic;
    private int offlineFolders;
    private boolean loaded;

    /** @param thread that of whoever publishes images */
    public Partitions(
            BrokerConfig config,
            List<LogDir> folders,
            List<? extends Lane> lanes,
            InstantSource clock,
            Executor thread) {
        this.clock = clock;
        this.thread = thread;
        steps = new OpeningSteps(thread, this::openStep);
        this.config = config;
        this.folders = folders;
        this.lanes = lanes;
        deletion = new PartitionDeletion(folders);
    }

    /** How many of the configured folders could not be opened: what is not found may lie there. */
    public void offlineFolders(int count) {
        offlineFolders = count;
    }

    /** Has the traffic of all partitions counted. To be called before they are loaded. */
    public void count(TopicTraffics counted) {
        traffic = counted;
    }

    /** Where a partition is to lie that does not exist yet; of many such the last ones are remembered. */
    public void prefer(String name, LogDir folder) {
        preferred.put(name, folder, BoundedCache.sizeOf(name));
    }

    /** Whether new partitions shall not lie there. */
    public boolean isCordoned(LogDir folder) {
        return cordoned.contains(folder.root());
    }

    /** Whether new partitions shall lie nowhere. */
    public boolean areAllCordoned() {
        return folders.stream().allMatch(folder -> folder.isOffline() || isCordoned(folder));
    }

    /** Where a partition of this broker is with its log. */
    public enum State {
        /** This broker has none such. */
        NONE,
        /** It is going to be opened. */
        OPENING,
        /** It can be read and written. */
        OPEN,
        /** Its log directory is offline, or it could not be opened. */
        OFFLINE
    }

    /** The partition with that number, or null if this broker has none such, or not now. */
    public @Nullable Partition find(Uuid topicId, int index) {
        List<@Nullable Partition> partitions = byTopic.get(topicId);
        Partition found = partitions == null || index < 0 || index >= partitions.size() ? null : partitions.get(index);
        return found == null || found.log().isOffline() ? null : found;
    }

    /** The state of the partition with that number, which may be another one a moment later. */
    public State state(Uuid topicId, int index) {
        List<@Nullable Partition> partitions = byTopic.get(topicId);
        if (partitions == null || index < 0 || index >= partitions.size()) {
            return State.NONE;
        }
        if (partitions.get(index) == null && steps.isWaiting(topicId, index)) {
            return State.OPENING;
        }
        // Asked after the steps: a partition has been opened before it stops waiting.
        if (find(topicId, index) != null) {
            return State.OPEN;
        }
        return State.OFFLINE;
    }

    /** Whether this broker has a partition of that number that cannot be used until its log directory comes back. */
    public boolean isOffline(Uuid topicId, int index) {
        return state(topicId, index) == State.OFFLINE;
    }

    /** Whether partitions of that topic are still to be opened. */
    public boolean isOpening(Uuid topicId) {
        return steps.isWaiting(topicId);
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

    /**
     * Opens all partitions of the image at the start.
     *
     * @throws IOException if one cannot be opened, though its log directory is online
     */
    public void load(MetadataImage stored) throws IOException {
        image = stored;
        DynamicConfig now = DynamicConfig.of(stored, config);
        cordoned = CordonedLogDirs.of(now);
        List<Opening> openings = new ArrayList<>();
        Map<LogDir, Integer> counts = counts();
        for (TopicImage topic : stored.topicsById().values()) {
            TopicConfig topicConfig = topicConfig(topic, now);
            for (OpeningSteps.Wanted added : added(topic)) {
                openings.add(new Opening(topic, added.index(), findFolder(topic, added.index(), counts), topicConfig));
            }
            grow(topic);
        }
        open(openings);
        loaded = true;
    }

    /**
     * Follows the metadata: deletes and configures partitions, and opens those that are new. One that cannot be opened
     * stays offline until {@link #retryIfNeeded} opens it, and what cannot be deleted is left to that, too.
     */
    @Override
    @SuppressWarnings("ReferenceEquality") // A topic that did not change is the same object.
    public void published(MetadataImage before, MetadataImage after, long endOffset) {
        image = after;
        deletion.retry();
        for (TopicImage topic : before.topicsById().values()) {
            if (after.topic(topic.id()) == null) {
                delete(topic);
            }
        }
        DynamicConfig now = DynamicConfig.of(after, config);
        boolean allReconfigured = !now.equals(DynamicConfig.of(before, config));
        cordoned = CordonedLogDirs.of(now);
        List<OpeningSteps.Wanted> added = new ArrayList<>();
        for (TopicImage topic : after.topicsById().values()) {
            ConfigResource resource = ConfigResource.topic(topic.name());
            if (allReconfigured || !before.configOf(resource).equals(after.configOf(resource))) {
                configure(topic, topicConfig(topic, now));
            }
            if (topic != before.topic(topic.id())) {
                List<OpeningSteps.Wanted> ofTopic = added(topic);
                added.addAll(ofTopic);
                steps.willOpen(ofTopic);
                grow(topic);
            }
        }
        steps.begin(added);
    }

    /** Runs the task once the partitions that the latest image has added are open, or known to be offline. */
    public void whenOpened(Runnable task) {
        steps.whenDone(task);
    }

    private TopicConfig topicConfig(TopicImage topic, DynamicConfig now) {
        return TopicConfig.of(image.configOf(ConfigResource.topic(topic.name())), now);
    }

    private void configure(TopicImage topic, TopicConfig topicConfig) {
        for (Partition partition : byTopic.getOrDefault(topic.id(), List.of())) {
            if (partition != null) {
                partition.config(topicConfig);
            }
        }
    }

    /** The partitions of that topic that are not here yet. */
    private List<OpeningSteps.Wanted> added(TopicImage topic) {
        int known = byTopic.getOrDefault(topic.id(), List.of()).size();
        List<OpeningSteps.Wanted> added = new ArrayList<>();
        for (int i = known; i < topic.partitions().size(); i++) {
            added.add(new OpeningSteps.Wanted(topic.id(), i));
        }
        return added;
    }

    /** Makes room for all partitions of that topic. */
    private void grow(TopicImage topic) {
        List<@Nullable Partition> partitions = new ArrayList<>(byTopic.getOrDefault(topic.id(), List.of()));
        while (partitions.size() < topic.partitions().size()) {
            partitions.add(null);
        }
        byTopic.put(topic.id(), Collections.unmodifiableList(partitions));
    }

    /** Opens so many partitions, but for those that are deleted by now. */
    private void openStep(List<OpeningSteps.Wanted> wanted) {
        DynamicConfig now = DynamicConfig.of(image, config);
        Map<LogDir, Integer> counts = counts();
        Map<Uuid, TopicConfig> configs = new HashMap<>();
        List<Opening> openings = new ArrayList<>();
        for (OpeningSteps.Wanted one : wanted) {
            TopicImage topic = image.topic(one.topicId());
            if (topic != null) {
                TopicConfig topicConfig = configs.computeIfAbsent(topic.id(), id -> topicConfig(topic, now));
                openings.add(new Opening(topic, one.index(), folderOf(topic, one.index(), counts), topicConfig));
            }
        }
        try {
            open(openings);
        } catch (IOException | RuntimeException e) {
            LOG.error("Opening partitions failed", e);
        }
        if (isRetryNeeded() && openings.stream().anyMatch(this::isOpen)) {
            // What was in the way of the others, such as a full disk, may have passed.
            retries.succeeded();
            retry();
        }
    }

    /** A partition that is new here, and where it is to lie; nowhere, if it may lie in a folder that is offline. */
    private record Opening(
            TopicImage topic, int index, @Nullable LogDir folder, TopicConfig config) {}

    private boolean isOpen(Opening opening) {
        return find(opening.topic().id(), opening.index()) != null;
    }

    /** As {@link #findFolder}, but one that cannot be found is noted as missing. */
    private @Nullable LogDir folderOf(TopicImage topic, int index, Map<LogDir, Integer> counts) {
        try {
            return findFolder(topic, index, counts);
        } catch (IOException e) {
            missing(topic, index, e);
            return null;
        }
    }

    /** Where a partition lies, or is to lie; null if that is in a folder that is offline. */
    private @Nullable LogDir findFolder(TopicImage topic, int index, Map<LogDir, Integer> counts) throws IOException {
        boolean several = folders.size() + offlineFolders > 1;
        LogDir folder = LogDir.holding(folders, topic.name(), index, several ? topic.id() : null);
        if (folder == null && (loaded || offlineFolders == 0)) {
            LogDir preferred = this.preferred.remove(topic.name() + "-" + index);
            folder = preferred == null || preferred.isOffline() ? emptiest(counts) : preferred;
        }
        return folder;
    }

    /** No stack trace: a full disk is met by each partition of a topic. */
    private void missing(TopicImage topic, int index, Exception because) {
        if (missing.add(new TopicPartition(topic.id(), index))) {
            LOG.error(
                    "{}-{} is offline, since it cannot be opened; tried again: {}",
                    topic.name(),
                    index,
                    String.valueOf(because));
        }
    }

    /**
     * Of the folders that new partitions may lie in. If all are cordoned, what has to lie somewhere lies in the first.
     */
    private Map<LogDir, Integer> counts() {
        Map<LogDir, Integer> counts = new LinkedHashMap<>();
        boolean nowhere = areAllCordoned();
        for (LogDir folder : folders) {
            if (!folder.isOffline() && (nowhere ? counts.isEmpty() : !isCordoned(folder))) {
                counts.put(folder, folder.count());
            }
        }
        return counts;
    }

    /** The folder with the fewest partitions, which has one more then. */
    private static LogDir emptiest(Map<LogDir, Integer> counts) throws IOException {
        LogDir emptiest = null;
        for (Map.Entry<LogDir, Integer> entry : counts.entrySet()) {
            if (emptiest == null || entry.getValue() < counts.getOrDefault(emptiest, 0)) {
                emptiest = entry.getKey();
            }
        }
        if (emptiest == null) {
            throw new IOException("all log directories are offline");
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
        Map<Uuid, List<@Nullable Partition>> changed = new HashMap<>();
        for (int i = 0; i < opened.size(); i++) {
            changed.computeIfAbsent(
                            openings.get(i).topic().id(), id -> new ArrayList<>(byTopic.getOrDefault(id, List.of())))
                    .set(openings.get(i).index(), opened.get(i));
        }
        changed.forEach((id, partitions) -> byTopic.put(id, Collections.unmodifiableList(partitions)));
    }

    private @Nullable Partition open(Opening opening, Progress progress) {
        Partition partition = open(opening);
        progress.oneMore();
        return partition;
    }

    /** Null if its folder is offline. */
    private @Nullable Partition open(Opening opening) {
        TopicImage topic = opening.topic();
        LogDir folder = opening.folder();
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
            TopicTraffic counted = traffic == null ? null : traffic.of(topic.id(), topic.name());
            return new Partition(topic.name(), topic.id(), i, log, lane, leaderEpoch, opening.config(), counted);
        } catch (IOException | RuntimeException e) {
            if (folder.isOffline()) {
                return null;
            }
            if (loaded) {
                missing(topic, i, e);
                return null;
            }
            IOException cause = e instanceof IOException io ? io : new IOException(e);
            throw new UncheckedIOException("opening " + topic.name() + "-" + i + ": " + e.getMessage(), cause);
        }
    }

    /** Whether something could not be opened or deleted. May be asked anywhere. */
    public boolean isRetryNeeded() {
        return !missing.isEmpty() || deletion.isRetryNeeded();
    }

    /** Tries again what could not be opened or deleted, if it is time for it. May be called on any thread, often. */
    public void retryIfNeeded() {
        if (isRetryNeeded()) {
            thread.execute(this::retry);
        }
    }

    private void retry() {
        long now = clock.millis();
        if (!retries.isDue(now)) {
            return;
        }
        deletion.retry();
        openMissing();
        if (isRetryNeeded()) {
            retries.failed(now);
        } else {
            retries.succeeded();
        }
    }

    private void openMissing() {
        DynamicConfig now = DynamicConfig.of(image, config);
        Map<LogDir, Integer> counts = counts();
        for (TopicPartition wanted : List.copyOf(missing)) {
            TopicImage topic = image.topic(wanted.topicId());
            if (topic == null) {
                missing.remove(wanted);
            } else {
                openAgain(topic, wanted, topicConfig(topic, now), counts);
            }
        }
    }

    private void openAgain(
            TopicImage topic, TopicPartition wanted, TopicConfig topicConfig, Map<LogDir, Integer> counts) {
        try {
            int index = wanted.index();
            Partition opened = open(new Opening(topic, index, folderOf(topic, index, counts), topicConfig));
            if (opened != null) {
                List<@Nullable Partition> partitions = new ArrayList<>(byTopic.getOrDefault(topic.id(), List.of()));
                partitions.set(index, opened);
                byTopic.put(topic.id(), Collections.unmodifiableList(partitions));
                missing.remove(wanted);
                LOG.info("{} is online", opened);
            }
        } catch (RuntimeException e) {
            LOG.warn("{}-{} still cannot be opened", topic.name(), wanted.index(), e);
        }
    }

    private void delete(TopicImage topic) {
        List<@Nullable Partition> partitions = byTopic.remove(topic.id());
        if (traffic != null) {
            traffic.forget(topic.id());
        }
        if (partitions == null) {
            return;
        }
        for (int i = 0; i < partitions.size(); i++) {
            Partition partition = partitions.get(i);
            boolean wasMissing = missing.remove(new TopicPartition(topic.id(), i));
            if (partition != null) {
                deletion.delete(partition);
            } else if (wasMissing) {
                deletion.deleteUnopened(topic, i);
            }
        }
    }

    private record TopicPartition(Uuid topicId, int index) {}
}
