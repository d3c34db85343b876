package io.gregor.broker;

import io.gregor.broker.access.Access;
import io.gregor.broker.access.AclAuthorizer;
import io.gregor.broker.cluster.ClusterInfo;
import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.cluster.ControllerOperations;
import io.gregor.broker.cluster.Features;
import io.gregor.broker.cluster.HostNames;
import io.gregor.broker.cluster.ImagePublisher;
import io.gregor.broker.cluster.LocalController;
import io.gregor.broker.cluster.LocalMetadataLog;
import io.gregor.broker.config.AuthorizerConfig;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.DynamicConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.Listener;
import io.gregor.broker.coordination.Coordinators;
import io.gregor.broker.lane.BackgroundThreads;
import io.gregor.broker.memory.CacheShares;
import io.gregor.broker.memory.MemoryShares;
import io.gregor.broker.metrics.BrokerMetrics;
import io.gregor.broker.metrics.Health;
import io.gregor.broker.metrics.MetricsPage;
import io.gregor.broker.metrics.TrafficMetrics;
import io.gregor.broker.net.ApiRegistry;
import io.gregor.broker.net.IoLoops;
import io.gregor.broker.net.Server;
import io.gregor.broker.quota.Quotas;
import io.gregor.broker.replica.Partitions;
import io.gregor.broker.replica.PeriodicFlush;
import io.gregor.broker.replica.ProducerExpiry;
import io.gregor.broker.replica.TopicTraffics;
import io.gregor.broker.storage.LogDirLock;
import io.gregor.broker.storage.LogDirMover;
import io.gregor.broker.storage.LogDirs;
import io.gregor.broker.storage.LogMaintenance;
import io.gregor.broker.storage.MetaProperties;
import io.gregor.broker.telemetry.ClientTelemetry;
import io.gregor.broker.telemetry.PushedMetrics;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicNames;
import io.gregor.log.LogConfig;
import io.gregor.log.LogDir;
import io.gregor.log.PartitionLog;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.RealDisk;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.UserScramCredentialRecord;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole broker in this process: the one place that puts the parts together. Started once, closed once; not
 * thread-safe.
 */
public final class Broker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
    private static final long CHECKPOINT_INTERVAL_MS = 60_000;
    private static final long RETRY_CHECK_MS = 500;
    private static final long MEMORY_CHECK_MS = 1000;
    /** As in Kafka, the first check does not wait for its whole interval. */
    private static final long FIRST_RETENTION_MS = 30_000;

    private static final LogConfig METADATA_LOG = LogConfig.DEFAULT;

    private final BrokerConfig config;
    private final Clock clock = Clock.systemUTC();
    private final RandomGenerator random;
    private final RealDisk disk = new RealDisk();
    private final List<LogDirLock> locks = new ArrayList<>();
    /** Those of partitions. */
    private final List<LogDir> folders = new ArrayList<>();
    /** And the metadata's, if that has one of its own. */
    private final Set<LogDir> allFolders = new LinkedHashSet<>();

    private final List<Path> offlineRoots = new ArrayList<>();
    private final Runnable whenMetadataFails;
    private final MemoryShares memory = MemoryShares.ofThisProcess();
    private final CacheShares caches = memory.caches();
    private final BackgroundThreads threads = new BackgroundThreads();
    private final IoLoops loops;
    private final @Nullable AclAuthorizer authorizer;
    private final Server server;
    private final Map<String, Listener> listeners = new HashMap<>();
    private List<Listener> bound = List.of();
    private final ClusterMetadata metadata = new ClusterMetadata();
    private final LogMaintenance cleaner;
    private final LogDirMover mover;
    private final Partitions partitions;
    private final @Nullable PrometheusRegistry metrics;
    private @Nullable MetricsPage metricsPage;
    private final @Nullable Health health;
    private final @Nullable TopicTraffics traffic;
    private final String clusterId;

    /**
     * Starts a broker; when this returns, it answers requests.
     *
     * @param whenMetadataFails run, on any thread, when the folder with the metadata fails: the broker is of no use
     *     then
     * @throws InvalidConfigException if it cannot run with these settings
     */
    public static Broker start(BrokerConfig config, Runnable whenMetadataFails)
            throws IOException, InterruptedException {
        return start(config, whenMetadataFails, null, UnaryOperator.identity());
    }

    /**
     * As above, with something to be done by its own handlers before clients are accepted.
     *
     * @param first if it fails, so does the start; null for nothing
     */
    static Broker start(BrokerConfig config, Runnable whenMetadataFails, @Nullable BeforeClients first)
            throws IOException, InterruptedException {
        return start(config, whenMetadataFails, first, UnaryOperator.identity());
    }

    /** @param access what is asked, where it would be what is given */
    static Broker start(
            BrokerConfig config, Runnable failed, @Nullable BeforeClients first, UnaryOperator<Access> access)
            throws IOException, InterruptedException {
        return new Broker(config, failed, first, access);
    }

    private Broker(BrokerConfig config, Runnable failed, @Nullable BeforeClients first, UnaryOperator<Access> access)
            throws IOException, InterruptedException {
        this.config = config;
        whenMetadataFails = failed;
        this.random = () -> ThreadLocalRandom.current().nextLong();
        loops = new IoLoops(
                config.given("num.network.threads") == null
                        ? Runtime.getRuntime().availableProcessors()
                        : config.integer("num.network.threads"));
        metrics = config.metricsListener() == null ? null : new PrometheusRegistry();
        health = metrics == null ? null : new Health();
        AuthorizerConfig authorizing = AuthorizerConfig.of(config);
        authorizer = authorizing == null ? null : new AclAuthorizer(authorizing);
        server = new Server(
                loops,
                config,
                memory,
                metrics == null ? null : new TrafficMetrics(metrics, System::nanoTime),
                access.apply(authorizer == null ? Access.UNRESTRICTED : authorizer),
                threads.hostLookups());
        partitions = new Partitions(config, folders, loops.lanes(), clock, threads.controller());
        traffic = metrics == null ? null : new TopicTraffics();
        if (traffic != null) {
            partitions.count(traffic);
        }
        mover = new LogDirMover(folders, threads.mover());
        cleaner = new LogMaintenance(config, partitions, mover, clock);
        boolean started = false;
        try {
            clusterId = start(first);
            started = true;
        } finally {
            if (!started) {
                abandon();
            }
        }
    }

    private String start(@Nullable BeforeClients first) throws IOException, InterruptedException {
        openPage();
        MetaProperties meta = openFolders();
        LogDir metadataFolder = allFolders.iterator().next();
        PartitionLog metadataLog = metadataFolder.open(TopicNames.METADATA, 0, Uuid.METADATA_TOPIC, METADATA_LOG);
        Quotas quotas = new Quotas(config, metadata, clock, System::nanoTime, caches.quotas());
        ImagePublisher publisher = new ImagePublisher();
        LocalController controller = loadMetadata(metadataLog, publisher, quotas);
        mover.resume(partitions.all(), offlineRoots.isEmpty());
        for (LogDir folder : allFolders) {
            if (!folder.isOffline()) {
                folder.putStraysAside();
                folder.begin();
            }
        }
        ApiRegistry registry = new ApiRegistry(config.isOn("unstable.api.versions.enable"));
        ApiRegistry controllerRegistry = new ApiRegistry(config.isOn("unstable.api.versions.enable"));
        ClientTelemetry telemetry = telemetry();
        ProducerExpiry producers = new ProducerExpiry(partitions, clock, caches.producers());
        BiFunction<String, Byte, @Nullable UserScramCredentialRecord> scram = (user, mechanism) ->
                metadata.image().scram().getOrDefault(user, Map.of()).get(mechanism);
        bound = server.bind(config.listeners(), registry, quotas, scram, telemetry::disconnected);
        List<Listener> controllers =
                server.bind(config.controllerListeners(), controllerRegistry, quotas, scram, telemetry::disconnected);
        listeners.putAll(config.advertised(bound, ownHost(bound)));
        warnIfUnreachable();
        Map<String, Listener> reachable = new HashMap<>(listeners);
        reachable.putAll(config.advertised(controllers, ownHost(controllers)));
        ClusterInfo cluster = new ClusterInfo(
                meta.clusterId(),
                config.nodeId(),
                config.given("broker.rack"),
                Map.copyOf(reachable),
                controllers.stream().map(Listener::name).collect(Collectors.toSet()));
        LogDirs logs = new LogDirs(folders, List.copyOf(offlineRoots), mover);
        Apis apis = new Apis(
                config,
                cluster,
                metadata,
                controller,
                quotas,
                telemetry,
                partitions,
                logs,
                clock,
                random,
                memory,
                threads);
        apis.register(registry, controllerRegistry);
        publisher.follow(apis.coordinators());
        apis.coordinators().load();
        if (metrics != null) {
            showMetrics(metrics, logs);
        }
        if (first != null) {
            run(first, registry);
        }
        server.accept(disk::openFiles);
        if (health != null) {
            health.serving(apis.coordinators()::loading);
        }
        scheduleMaintenance(apis.coordinators());
        scheduleHousekeeping(controller, producers, quotas, telemetry);
        return meta.clusterId();
    }

    private void run(BeforeClients first, ApiRegistry apis) throws IOException, InterruptedException {
        first.run(apis, metadata, config, loops.lanes().get(0), bound.get(0).name());
    }

    private void scheduleHousekeeping(
            LocalController controller, ProducerExpiry producers, Quotas quotas, ClientTelemetry telemetry) {
        threads.every(CHECKPOINT_INTERVAL_MS, controller::snapshotIfDue);
        threads.every(RETRY_CHECK_MS, partitions::retryIfNeeded);
        threads.every(
                config.number("producer.id.expiration.check.interval.ms"),
                () -> producers.expire(Long.parseLong(
                        DynamicConfig.of(metadata.image(), config).string("producer.id.expiration.ms"))));
        threads.every(MEMORY_CHECK_MS, producers::expireIfMany);
        threads.every(MEMORY_CHECK_MS, server::evictStalled);
        threads.every(CHECKPOINT_INTERVAL_MS, server::tidy);
        threads.every(CHECKPOINT_INTERVAL_MS, quotas::forgetIdle);
        threads.every(CHECKPOINT_INTERVAL_MS, telemetry::forgetSilent);
    }

    /** Loads the metadata and opens all partitions; from then on both follow what the controller decides. */
    private LocalController loadMetadata(PartitionLog log, ImagePublisher publisher, Quotas quotas) throws IOException {
        LocalController controller = new LocalController(
                new LocalMetadataLog(log, clock, LocalMetadataLog.SnapshotRules.of(config)),
                ControllerOperations.of(config, quotas::mutations, partitions::areAllCordoned, random),
                publisher,
                partitions::whenOpened,
                threads.controller(),
                threads.hostLookups(),
                new HostNames(System::nanoTime),
                memory.metadata());
        MetadataImage loaded = controller.load(
                config.nodeId(),
                Features.bootstrapRecords(),
                config.string("min.insync.replicas"),
                Features.newestMetadataVersion(config),
                this::renameFolders);
        partitions.load(loaded);
        metadata.published(MetadataImage.EMPTY, loaded, controller.logEndOffset());
        if (authorizer != null) {
            authorizer.load(loaded);
            publisher.follow(authorizer);
        }
        publisher.follow(partitions);
        publisher.follow(metadata);
        server.limit(loaded, publisher::follow);
        return controller;
    }

    /** All log directories, or none: one that is away would come back with the old names. */
    private void renameFolders(Function<Uuid, @Nullable String> topicNames) throws IOException {
        if (!offlineRoots.isEmpty()) {
            throw new InvalidConfigException("log.dirs: " + offlineRoots.get(0)
                    + " is offline, allowed is that only once topics of one name have got names of their own: bring it"
                    + " back, or take it out of log.dirs");
        }
        for (LogDir folder : allFolders) {
            folder.rename(topicNames);
        }
    }

    private ClientTelemetry telemetry() {
        PushedMetrics pushed = null;
        if (metrics != null) {
            pushed = new PushedMetrics(caches.pushedMetrics());
            pushed.registerWith(metrics);
        }
        return new ClientTelemetry(
                config, metadata, clock, random, pushed, threads.telemetry(), caches.clientInstances());
    }

    /** First of all, so that whoever probes the broker is answered while it recovers its logs. */
    private void openPage() {
        Listener listener = config.metricsListener();
        if (listener != null) {
            metricsPage = MetricsPage.open(listener, Objects.requireNonNull(metrics), Objects.requireNonNull(health));
            LOG.info("Metrics are at {}/metrics", listener.withPort(metricsPage.port()));
        }
    }

    /** Shows the metrics of the broker, of its JVM and of clients. */
    private void showMetrics(PrometheusRegistry all, LogDirs logs) {
        JvmMetrics.builder().register(all);
        new BrokerMetrics(
                        metadata,
                        partitions,
                        logs,
                        cleaner,
                        memory.all(),
                        Objects.requireNonNull(traffic),
                        Runtime.getRuntime().maxMemory())
                .registerWith(all);
        Objects.requireNonNull(health).watchDirs(logs::offline);
    }

    /** Without the folder of the metadata there is no broker. Any other may be offline. */
    private MetaProperties openFolders() throws IOException {
        Map<Path, Optional<MetaProperties>> known = new LinkedHashMap<>();
        Path metadataRoot = config.metadataLogDir();
        LogDir metadata;
        try {
            metadata = open(metadataRoot, known);
        } catch (IOException e) {
            String key = config.given("metadata.log.dir") == null ? "log.dirs" : "metadata.log.dir";
            throw new InvalidConfigException(key + "=" + metadataRoot + ": cannot be opened (" + e.getMessage()
                    + "), allowed is a directory that this process can read and write");
        }
        for (Path root : config.logDirs()) {
            try {
                folders.add(root.equals(metadataRoot) ? metadata : open(root, known));
            } catch (IOException e) {
                LOG.error("Log directory {} is offline, with all partitions in it", root, e);
                offlineRoots.add(root);
            }
        }
        partitions.offlineFolders(offlineRoots.size());
        return MetaProperties.settle(disk, known, config.newClusterId(), config.nodeId(), random);
    }

    private LogDir open(Path root, Map<Path, Optional<MetaProperties>> known) throws IOException {
        Files.createDirectories(root);
        locks.add(LogDirLock.take(root));
        MetaProperties found = MetaProperties.read(disk, root, random);
        LogEnvironment environment =
                new LogEnvironment(disk, clock, random, threads.flusher(root.toString()), caches.producers());
        LogDir folder = new LogDir(environment, root, because -> wentOffline(root, because));
        known.put(root, Optional.ofNullable(found));
        allFolders.add(folder);
        return folder;
    }

    private void wentOffline(Path root, IOException because) {
        LOG.error("Log directory {} has failed: it is offline now, with all partitions in it", root, because);
        if (root.equals(config.metadataLogDir())) {
            whenMetadataFails.run();
        }
    }

    /** Asked for only if a listener is bound to all addresses: the name service may be slow. */
    private static String ownHost(List<Listener> bound) throws UnknownHostException {
        return bound.stream().anyMatch(Listener::isOnAllAddresses)
                ? InetAddress.getLocalHost().getCanonicalHostName()
                : "localhost";
    }

    private void warnIfUnreachable() {
        for (Listener listener : bound) {
            Listener told = Objects.requireNonNull(listeners.get(listener.name()));
            if (listener.isOnAllAddresses() && told.isLoopback()) {
                LOG.warn("Clients on other machines cannot reach {}: set advertised.listeners", told);
            }
        }
    }

    private void scheduleMaintenance(Coordinators coordinators) {
        threads.every(
                config.number("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
                coordinators::abortOverdueTransactions);
        threads.every(
                config.number("transaction.remove.expired.transaction.cleanup.interval.ms"),
                coordinators::forgetUnusedTransactionalIds);
        threads.every(config.number("offsets.retention.check.interval.ms"), coordinators::expireOffsets);
        long flushMs = Math.min(PeriodicFlush.LONGEST_INTERVAL_MS, config.number("log.flush.scheduler.interval.ms"));
        threads.every(flushMs, new PeriodicFlush(partitions, clock, flushMs)::run);
        threads.every(CHECKPOINT_INTERVAL_MS, this::maintain);
        threads.every(
                Math.min(FIRST_RETENTION_MS, config.number("log.retention.check.interval.ms")),
                config.number("log.retention.check.interval.ms"),
                () -> threads.cleaner().execute(cleaner::applyRetention));
        if (config.isOn("log.cleaner.enable")) {
            threads.every(
                    config.number("log.cleaner.backoff.ms"),
                    () -> threads.cleaner().execute(cleaner::compact));
        }
    }

    private void maintain() {
        for (LogDir folder : allFolders) {
            try {
                folder.checkpoint();
            } catch (IOException | RuntimeException e) {
                LOG.error("Writing the checkpoints of {} failed; it is tried again", folder.root(), e);
            }
        }
    }

    /** Where it listens for clients, with the actual ports. */
    public List<Listener> bound() {
        return bound;
    }

    /** Where clients can connect, by the name of the listener. */
    public Map<String, Listener> listeners() {
        return Map.copyOf(listeners);
    }

    public String clusterId() {
        return clusterId;
    }

    /** How many topics there are, without the broker's own. */
    public int topics() {
        return (int) metadata.image().topicsByName().keySet().stream()
                .filter(name -> !TopicNames.isInternal(name))
                .count();
    }

    public List<Path> logDirs() {
        return config.logDirs();
    }

    /** Stops in order: what was acknowledged is on the disk, and the next start has nothing to recover. */
    @Override
    public void close() throws IOException, InterruptedException {
        if (health != null) {
            health.stopping();
        }
        cleaner.stop();
        mover.stop();
        stopServing();
        mover.leaveFiles();
        for (LogDir folder : allFolders) {
            folder.close();
        }
        for (LogDirLock lock : locks) {
            lock.close();
        }
    }

    /** Lets go of everything after a start that failed, and leaves the folders as they are. */
    private void abandon() throws IOException, InterruptedException {
        stopServing();
        mover.leaveFiles();
        allFolders.forEach(LogDir::leaveFiles);
        for (LogDirLock lock : locks) {
            lock.close();
        }
    }

    private void stopServing() throws InterruptedException {
        if (metricsPage != null) {
            metricsPage.close();
        }
        server.close();
        loops.close();
        threads.close();
    }
}
