package io.gregor.broker.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the broker was told at its start, under Kafka's keys. Immutable. Every value has been checked against its
 * definition when this exists.
 */
public final class BrokerConfig {
    private static final int PLAINTEXT_PORT = 9092;

    /** Not Kafka's: there a plug-in takes what clients push. */
    private static final String METRICS_LISTENER = "gregor.metrics.listener";

    /** Not Kafka's: there {@code kafka-storage format} says it, which nobody has to call here. */
    private static final String CLUSTER_ID = "gregor.cluster.id";

    /** Not Kafka's: there a file of Log4j says it. */
    private static final String LOG_FORMAT = "gregor.log.format";

    /** Plug-ins that forbid something, but for the authorizer. None can be had, and whoever sets one relies on it. */
    private static final List<String> GUARDS =
            List.of("alter.config.policy.class.name", "client.quota.callback.class", "create.topic.policy.class.name");

    /** Keys that change what this broker does; the others are accepted, and named in one warning. */
    private static final Set<String> MEANINGFUL = Set.of(
            "advertised.listeners",
            AuthorizerConfig.ALLOWS_IF_NONE,
            AuthorizerConfig.KEY,
            "auto.create.topics.enable",
            "broker.id",
            "broker.rack",
            "connections.max.idle.ms",
            "controller.listener.names",
            CordonedLogDirs.KEY,
            "controller.quota.window.num",
            "controller.quota.window.size.seconds",
            "default.replication.factor",
            "delete.topic.enable",
            // Whoever asks an authorizer here is answered: it has its ACLs before any listener opens.
            "early.start.listeners",
            "fetch.max.bytes",
            "group.consumer.assignment.interval.ms",
            "group.consumer.assignors",
            "group.consumer.heartbeat.interval.ms",
            "group.consumer.max.assignment.interval.ms",
            "group.consumer.max.heartbeat.interval.ms",
            "group.consumer.max.session.timeout.ms",
            "group.consumer.max.size",
            "group.consumer.migration.policy",
            "group.consumer.min.assignment.interval.ms",
            "group.consumer.min.heartbeat.interval.ms",
            "group.consumer.min.session.timeout.ms",
            "group.consumer.regex.refresh.interval.ms",
            "group.consumer.session.timeout.ms",
            "group.coordinator.rebalance.protocols",
            "group.initial.rebalance.delay.ms",
            "group.max.session.timeout.ms",
            "group.max.size",
            "group.min.session.timeout.ms",
            CLUSTER_ID,
            LOG_FORMAT,
            METRICS_LISTENER,
            "inter.broker.listener.name",
            "listener.security.protocol.map",
            "listeners",
            "compression.gzip.level",
            "compression.lz4.level",
            "compression.type",
            "compression.zstd.level",
            "log.cleaner.backoff.ms",
            "log.cleaner.dedupe.buffer.size",
            "log.cleaner.delete.retention.ms",
            "log.cleaner.enable",
            "log.cleaner.max.compaction.lag.ms",
            "log.cleaner.min.cleanable.ratio",
            "log.cleaner.min.compaction.lag.ms",
            "log.cleanup.policy",
            "log.dir",
            "log.dirs",
            "log.flush.interval.messages",
            "log.flush.interval.ms",
            "log.flush.scheduler.interval.ms",
            "log.index.interval.bytes",
            "log.index.size.max.bytes",
            "log.message.timestamp.after.max.ms",
            "log.message.timestamp.before.max.ms",
            "log.message.timestamp.type",
            "log.preallocate",
            "log.retention.bytes",
            "log.retention.check.interval.ms",
            "log.retention.hours",
            "log.retention.minutes",
            "log.retention.ms",
            "log.roll.hours",
            "log.roll.jitter.hours",
            "log.roll.jitter.ms",
            "log.roll.ms",
            "log.segment.bytes",
            "log.segment.delete.delay.ms",
            "max.incremental.fetch.session.cache.slots",
            "message.max.bytes",
            "metadata.log.dir",
            "metadata.log.max.record.bytes.between.snapshots",
            "metadata.log.max.snapshot.interval.ms",
            "node.id",
            "num.network.threads",
            "num.partitions",
            "offset.metadata.max.bytes",
            "offsets.retention.check.interval.ms",
            "offsets.retention.minutes",
            "offsets.topic.num.partitions",
            "offsets.topic.replication.factor",
            "offsets.topic.segment.bytes",
            "process.roles",
            "producer.id.expiration.check.interval.ms",
            "producer.id.expiration.ms",
            "quota.window.num",
            "quota.window.size.seconds",
            "socket.receive.buffer.bytes",
            "socket.request.max.bytes",
            "socket.send.buffer.bytes",
            AuthorizerConfig.SUPER_USERS,
            "telemetry.max.bytes",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms",
            "transaction.max.timeout.ms",
            "transaction.partition.verification.enable",
            "transaction.remove.expired.transaction.cleanup.interval.ms",
            "transaction.state.log.min.isr",
            "transaction.state.log.num.partitions",
            "transaction.state.log.replication.factor",
            "transaction.state.log.segment.bytes",
            "transaction.two.phase.commit.enable",
            "transactional.id.expiration.ms",
            "unstable.api.versions.enable",
            "unstable.feature.versions.enable");

    private final Map<String, String> given;

    private BrokerConfig(Map<String, String> given) {
        this.given = Map.copyOf(given);
    }

    /** @throws InvalidConfigException if a value is not allowed */
    public static BrokerConfig of(Map<String, String> given) {
        given.forEach((key, value) -> {
            ConfigDefinition definition = ConfigDefinitions.BROKER.find(key);
            String objection = definition == null ? null : definition.objection(value);
            if (definition != null && objection != null) {
                throw new InvalidConfigException(key + "=" + value + ": allowed is " + AllowedWords.of(definition));
            }
        });
        BrokerConfig config = new BrokerConfig(given);
        new ListenerRules(config).check();
        new SecurityRules(config).check();
        new StartRules(config).check();
        new SingleNode(config).check();
        String requirement = BrokerConfigs.requirement(given, config);
        if (requirement != null) {
            throw new InvalidConfigException(requirement);
        }
        for (String guard : GUARDS) {
            if (!config.string(guard).isEmpty()) {
                throw new InvalidConfigException(guard + "=" + config.string(guard)
                        + ": allowed is none, since what it guards would not be guarded");
            }
        }
        AuthorizerConfig.of(config);
        // Each stands for the other, as in Kafka.
        Map<String, String> withId = new HashMap<>(given);
        String id = String.valueOf(config.nodeId());
        withId.put("node.id", id);
        withId.put("broker.id", id);
        return new BrokerConfig(withId);
    }

    /** Keys of Apache Kafka that were given and change nothing here, in order. */
    public List<String> ignoredKeys() {
        return given.keySet().stream()
                .filter(key -> !hasMeaning(key) && !isUnknown(key))
                .sorted()
                .toList();
    }

    /** Keys that were given and are none of Apache Kafka's, in order, with what may be meant. */
    public List<String> unknown() {
        List<String> unknown = new ArrayList<>(given.keySet());
        unknown.removeIf(key -> hasMeaning(key) || !isUnknown(key));
        unknown.sort(null);
        return unknown.isEmpty() ? unknown : UnknownKeys.withSuggestions(unknown);
    }

    private static boolean hasMeaning(String key) {
        return MEANINGFUL.contains(key) || SecurityRules.hasMeaning(key) || ConnectionKeys.limits(key);
    }

    private static boolean isUnknown(String key) {
        return BrokerConfigs.definition(key).type() == ConfigDefinition.Type.UNKNOWN;
    }

    /** What was given for that key, or null. */
    public @Nullable String given(String key) {
        return given.get(key);
    }

    /** The value or the default; empty if there is neither. */
    public String string(String key) {
        String value = given.get(key);
        if (value != null) {
            return value.trim();
        }
        ConfigDefinition definition = ConfigDefinitions.BROKER.find(key);
        String byDefault = definition == null ? null : definition.defaultValue();
        return byDefault == null ? "" : byDefault;
    }

    public int integer(String key) {
        return Integer.parseInt(string(key));
    }

    public long number(String key) {
        return Long.parseLong(string(key));
    }

    public boolean isOn(String key) {
        return Boolean.parseBoolean(string(key));
    }

    /** The node's id: {@code node.id}, else {@code broker.id}, else 1. */
    public int nodeId() {
        for (String key : List.of("node.id", "broker.id")) {
            String value = given.get(key);
            if (value != null && Integer.parseInt(value.trim()) >= 0) {
                return Integer.parseInt(value.trim());
            }
        }
        return 1;
    }

    /** Where clients connect. */
    public List<Listener> listeners() {
        String value = given.get("listeners");
        if (value == null) {
            return List.of(new Listener("PLAINTEXT", "localhost", PLAINTEXT_PORT));
        }
        List<Listener> listeners = new ArrayList<>(Listener.parse("listeners", value));
        listeners.removeIf(listener -> controllerListenerNames().contains(listener.name()));
        if (listeners.isEmpty()) {
            throw new InvalidConfigException(
                    "listeners=" + value + ": allowed is at least one that is not for controllers");
        }
        return listeners;
    }

    /** Where tools connect that want the controller itself. */
    public List<Listener> controllerListeners() {
        String value = given.get("listeners");
        return value == null
                ? List.of()
                : Listener.parse("listeners", value).stream()
                        .filter(listener -> controllerListenerNames().contains(listener.name()))
                        .toList();
    }

    /** The listener that brokers would use among themselves. */
    public String interBrokerListener() {
        String given = given("inter.broker.listener.name");
        return (given == null ? string("security.inter.broker.protocol") : given.trim()).toUpperCase(Locale.ROOT);
    }

    /** What holds for the listener of that name. */
    public ListenerConfig ofListener(String name) {
        SecurityProtocol protocol = new ListenerRules(this).protocols().get(name);
        return new ListenerConfig(name, Objects.requireNonNull(protocol, name), given::get);
    }

    /** Whether each line of the log is a JSON object. */
    public boolean logsJson() {
        String value = given.getOrDefault(LOG_FORMAT, "text").trim();
        if (!value.equals("json") && !value.equals("text")) {
            throw new InvalidConfigException(LOG_FORMAT + "=" + value + ": allowed is text or json");
        }
        return value.equals("json");
    }

    /** Where metrics are shown, or null if nowhere. */
    public @Nullable Listener metricsListener() {
        String value = given.get(METRICS_LISTENER);
        if (value == null) {
            return null;
        }
        List<Listener> parsed = Listener.parse(METRICS_LISTENER, value);
        if (parsed.size() != 1 || !parsed.get(0).name().equals("HTTP")) {
            throw new InvalidConfigException(METRICS_LISTENER + "=" + value + ": allowed is HTTP://host:port");
        }
        return parsed.get(0);
    }

    /** The cluster that this node begins if its folders are new, or null for one that is like no other. */
    public @Nullable String newClusterId() {
        String value = given.get(CLUSTER_ID);
        if (value != null && value.isBlank()) {
            throw new InvalidConfigException(CLUSTER_ID + ": allowed is an id such as 5L6g3nShT-eMCtK--X86sw");
        }
        return value == null ? null : value.trim();
    }

    public List<String> controllerListenerNames() {
        return Arrays.asList(string("controller.listener.names").split("\\s*,\\s*", -1));
    }

    /** What clients are told to connect to, by the name of the listener that they came through. */
    public Map<String, Listener> advertised(List<Listener> bound, String ownHost) {
        Map<String, Listener> advertised = new HashMap<>();
        bound.forEach(listener -> advertised.put(listener.name(), listener.reachable(ownHost)));
        String value = given.get("advertised.listeners");
        if (value != null && !value.isBlank()) {
            Listener.parse("advertised.listeners", value).forEach(listener -> {
                Listener actual = advertised.get(listener.name());
                if (actual != null) {
                    advertised.put(listener.name(), listener.port() == 0 ? listener.withPort(actual.port()) : listener);
                }
            });
        }
        return Map.copyOf(advertised);
    }

    /** {@code log.dirs}, else {@code log.dir}, else {@code data} in the working directory. */
    public List<Path> logDirs() {
        return logDirNames().stream().map(Path::of).toList();
    }

    /** As they were given. */
    List<String> logDirNames() {
        String value = given.getOrDefault("log.dirs", given.get("log.dir"));
        if (value == null || value.isBlank()) {
            return List.of("data");
        }
        return Arrays.stream(value.split("\\s*,\\s*", -1))
                .filter(text -> !text.isEmpty())
                .toList();
    }

    /** The folder with the metadata: the first of the log's, or one of its own. */
    public Path metadataLogDir() {
        String value = given.get("metadata.log.dir");
        return value == null || value.isBlank() ? logDirs().get(0) : Path.of(value.trim());
    }

    /** All that was given. */
    public Map<String, String> given() {
        return given;
    }
}
