package io.gregor.upstream;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * The cluster of a test: one process that is broker and controller. A test that asks for more gets this one under
 * each of its names; the tests that need several notice it, and fail with Apache Kafka behind them too.
 */
public final class BrokerNode implements AutoCloseable {
    private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();
    private static final Set<Integer> PORTS = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ALIVE.forEach(Process::destroyForcibly)));
    }

    private final BrokerProgram program = BrokerProgram.configured();
    private int id;
    private final String clusterId;
    private final Path folder;
    private final Path output;
    private final Map<String, String> properties = new TreeMap<>();
    private final Map<String, Integer> ports = new LinkedHashMap<>();
    private final Formatter formatter;
    private @Nullable Process process;
    private int starts;
    private @Nullable Admin admin;

    /** @param formatter has the features that the test wants. */
    public BrokerNode(String clusterId, Path folder, Formatter formatter) {
        this.clusterId = clusterId;
        this.folder = folder;
        this.output = folder.resolve("broker.log");
        this.formatter = formatter;
    }

    public int id() {
        return id;
    }

    public String clusterId() {
        return clusterId;
    }

    Map<String, String> properties() {
        return properties;
    }

    /** What the test wants to configure; values may be objects. What is about other nodes is cut down to this one. */
    public void configure(Map<?, ?> wanted) {
        wanted.forEach((key, value) -> {
            if (value != null) {
                properties.put(key.toString(), text(value));
            }
        });
    }

    /** To be called once everything is configured: makes this a cluster of its own, with ports that stay the same. */
    public void settle(
            int nodeId,
            String brokerListeners,
            String controllerListener,
            Collection<String> logDirs,
            String metadataDir) {
        id = nodeId;
        properties.put("node.id", String.valueOf(id));
        properties.remove("broker.id");
        properties.put("process.roles", "broker,controller");
        properties.put("log.dirs", String.join(",", logDirs));
        properties.put("metadata.log.dir", metadataDir);
        properties.put("controller.listener.names", controllerListener);
        properties.put("listeners", withPorts(brokerListeners + "," + controllerListener + "://localhost:0"));
        properties.computeIfPresent("advertised.listeners", (key, value) -> withPorts(value));
        properties.put("controller.quorum.voters", id + "@localhost:" + port(controllerListener));
        properties.remove("controller.quorum.bootstrap.servers");
        properties.remove("controller.quorum.auto.join.enable");
        properties.putIfAbsent("log.cleaner.dedupe.buffer.size", "2097152");
        properties.put("unstable.feature.versions.enable", "true");
        properties.put("unstable.api.versions.enable", "true");
        properties.replaceAll((key, value) ->
                key.endsWith("replication.factor") || key.endsWith(".min.isr") || key.equals("min.insync.replicas")
                        ? "1"
                        : value);
        if (properties.containsKey("metric.reporters")) {
            // What clients push goes to a plug-in in Kafka, and to this page in Gregor; Kafka ignores the key.
            properties.put("gregor.metrics.listener", "HTTP://localhost:0");
        }
        requireNoSecurity();
    }

    private String setting(String key) {
        return Objects.requireNonNull(properties.get(key), key);
    }

    private void requireNoSecurity() {
        String protocols = properties.getOrDefault("listener.security.protocol.map", "");
        for (String listener : setting("listeners").split(",", -1)) {
            String name = listener.substring(0, listener.indexOf("://"));
            String protocol = Arrays.stream(protocols.split(",", -1))
                    .filter(entry -> entry.toUpperCase(Locale.ROOT).startsWith(name.toUpperCase(Locale.ROOT) + ":"))
                    .map(entry -> entry.substring(name.length() + 1))
                    .findFirst()
                    .orElse(name);
            if (protocol.startsWith("SSL") || protocol.startsWith("SASL")) {
                throw new TestAbortedException("needs security: " + listener + " is " + protocol);
            }
        }
        if (!properties.getOrDefault("authorizer.class.name", "").isBlank()) {
            throw new TestAbortedException("needs security: an authorizer");
        }
    }

    private static String text(Object value) {
        if (value instanceof Password password) {
            return password.value();
        }
        if (value instanceof Class<?> type) {
            return type.getName();
        }
        if (value instanceof Collection<?> values) {
            return values.stream().map(BrokerNode::text).collect(Collectors.joining(","));
        }
        return String.valueOf(value);
    }

    /** {@code NAME://host:0} gets a port that this listener keeps across restarts. */
    private String withPorts(String listeners) {
        return Arrays.stream(listeners.split(",", -1))
                .map(listener -> {
                    String name = listener.substring(0, listener.indexOf("://")).trim();
                    String host = listener.substring(listener.indexOf("://"), listener.lastIndexOf(':'));
                    int asked = Integer.parseInt(
                            listener.substring(listener.lastIndexOf(':') + 1).trim());
                    int port = ports.computeIfAbsent(
                            name.toUpperCase(Locale.ROOT), unknown -> asked == 0 ? freePort() : asked);
                    return name + host + ":" + port;
                })
                .collect(Collectors.joining(","));
    }

    /** Outside of the range from which clients get theirs, or a restart might find it taken. */
    private static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
            if (PORTS.add(port)) {
                try (ServerSocket socket = new ServerSocket()) {
                    socket.setReuseAddress(true);
                    socket.bind(new InetSocketAddress("localhost", port));
                    return port;
                } catch (BindException e) {
                    // Somebody else has it: the next one.
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    public int port(String listener) {
        Integer port = ports.get(listener.toUpperCase(Locale.ROOT));
        if (port == null) {
            throw new IllegalArgumentException("no listener " + listener + " among " + ports);
        }
        return port;
    }

    /** Of the first listener that is not the controller's. */
    private String bootstrap() {
        return "localhost:" + ports.values().iterator().next();
    }

    public synchronized void start() {
        if (isAlive()) {
            return;
        }
        try {
            Path file = folder.resolve("server.properties");
            Files.createDirectories(folder);
            Properties all = new Properties();
            all.putAll(properties);
            try (OutputStream out = Files.newOutputStream(file)) {
                all.store(out, null);
            }
            if (starts == 0) {
                format();
            }
            process = program.launch(file, output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ALIVE.add(process);
        starts++;
        awaitReady(process);
    }

    /** By Apache Kafka's own code, for both brokers: it knows the features of any release. */
    private void format() {
        Set<String> folders =
                new LinkedHashSet<>(Arrays.asList(setting("log.dirs").split(",", -1)));
        folders.add(setting("metadata.log.dir"));
        try {
            for (String directory : folders) {
                Files.createDirectories(Path.of(directory));
            }
            formatter
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                    .setNodeId(id)
                    .setClusterId(clusterId)
                    .setDirectories(folders)
                    .setMetadataLogDirectory(setting("metadata.log.dir"))
                    .setControllerListenerName(setting("controller.listener.names"))
                    .setUnstableFeatureVersionsEnabled(true)
                    .setIgnoreFormatted(true)
                    .run();
        } catch (Exception e) {
            throw new IllegalStateException("cannot format " + folders, e);
        }
    }

    private void awaitReady(Process started) {
        Wait.until("the broker is ready", Duration.ofSeconds(60), () -> {
            if (!started.isAlive()) {
                throw new IllegalStateException("the broker ended: " + lastLines());
            }
            return BrokerProgram.timesReady(output) >= starts;
        });
    }

    private String lastLines() {
        try {
            List<String> lines = Files.readAllLines(output);
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public synchronized boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** In order, and waits for the end. */
    public void stop() {
        end(Process::destroy);
    }

    private synchronized void end(Consumer<Process> how) {
        if (process == null) {
            return;
        }
        how.accept(process);
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        ALIVE.remove(process);
    }

    void awaitEnd() throws InterruptedException {
        Process current = process;
        if (current != null) {
            current.waitFor();
        }
    }

    /** For the harness's own questions. */
    synchronized Admin admin() {
        if (admin == null) {
            admin = Admin.create(Map.of(
                    "bootstrap.servers",
                    bootstrap(),
                    "client.id",
                    "harness",
                    "default.api.timeout.ms",
                    "15000",
                    "request.timeout.ms",
                    "10000"));
        }
        return admin;
    }

    @Override
    public synchronized void close() {
        if (admin != null) {
            admin.close(Duration.ZERO);
            admin = null;
        }
        end(Process::destroyForcibly);
        try {
            Utils.delete(folder.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
