package io.gregor.broker;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.Listener;
import io.gregor.broker.logging.ConsoleLogging;
import io.gregor.broker.net.IoLoops;
import io.gregor.broker.secure.SecureKind;
import io.gregor.broker.secure.SecureStart;
import io.gregor.broker.seed.Seeds;
import io.gregor.log.disk.CorruptLogException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a broker with {@link StartArguments}, and stops it when it is told to. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    public static void main(String[] args) throws Exception {
        IoLoops.prepareInBackground();
        if (args.length == 1 && args[0].equals(JvmCacheTraining.OPTION)) {
            JvmCacheTraining.run();
            return;
        }
        long startedMs = ProcessHandle.current()
                .info()
                .startInstant()
                .map(Instant::toEpochMilli)
                .orElse(System.currentTimeMillis());
        try {
            StartArguments arguments = StartArguments.parse(List.of(args));
            if (arguments.seedDryRun()) {
                Seeds.read(arguments.seeds(), Clock.systemUTC()).describe().forEach(System.out::println);
                return;
            }
            Broker broker = start(arguments, startedMs);
            CountDownLatch closed = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> close(broker, closed), "shutdown"));
            closed.await();
        } catch (InvalidConfigException e) {
            fail(e.getMessage());
        } catch (CorruptLogException e) {
            LOG.error("The broker cannot start: {}", e.getMessage());
            System.exit(1);
        } catch (IOException | IllegalStateException e) {
            LOG.error("The broker cannot start", e);
            System.exit(1);
        }
    }

    static Broker start(StartArguments arguments, long startedMs) throws IOException, InterruptedException {
        SecureKind kind = arguments.secure();
        SecureStart secure =
                kind == null ? null : SecureStart.of(kind, arguments.settings(), new SecureRandom(), Clock.systemUTC());
        BrokerConfig config = secure == null ? BrokerConfig.of(arguments.settings()) : secure.checked();
        if (config.logsJson()) {
            ConsoleLogging.writeJson();
        }
        if (arguments.dev()) {
            LOG.info("For development (--dev): {}", DevProfile.KEYS.describe(arguments.given()));
        }
        if (secure != null) {
            LOG.info("Secure ({}): {}", secure.option(), secure.describe());
        }
        if (!config.unknown().isEmpty()) {
            LOG.warn("These settings are not known to Apache Kafka: {}", String.join(", ", config.unknown()));
        }
        if (!config.ignoredKeys().isEmpty()) {
            LOG.info("These settings change nothing here: {}", String.join(", ", config.ignoredKeys()));
        }
        // Read first: what is wrong with a file shows before anything is touched.
        Seeds seeds = arguments.seeds().isEmpty() ? null : Seeds.read(arguments.seeds(), Clock.systemUTC());
        Runnable stop = () -> Runtime.getRuntime().halt(1);
        BeforeClients first = seeds == null ? null : seeds::applyTo;
        Broker broker = secure == null ? Broker.start(config, stop, first) : start(secure, stop, first);
        // What Testcontainers waits for, in the words of Apache Kafka.
        LOG.info("The broker has been unfenced. Transitioning from RECOVERY to RUNNING.");
        LOG.info(
                "Kafka Server started: Gregor answers on {}, data in {} ({}), cluster id {}, after {} ms",
                addresses(broker),
                folders(broker.logDirs()),
                topics(broker.topics()),
                broker.clusterId(),
                System.currentTimeMillis() - startedMs);
        return broker;
    }

    private static Broker start(SecureStart secure, Runnable stop, @Nullable BeforeClients first)
            throws IOException, InterruptedException {
        Broker broker = Broker.start(secure.prepare(), stop, (apis, metadata, config, lane, listener) -> {
            secure.applyTo(apis, metadata, lane, listener);
            if (first != null) {
                first.run(apis, metadata, config, lane, listener);
            }
        });
        Listener address = broker.listeners().get(broker.bound().get(0).name());
        LOG.info("Clients: all that they need is in {}", secure.writeClient(Objects.requireNonNull(address)));
        return broker;
    }

    /** Where it listens, and what clients are told of it where that is something else. */
    private static String addresses(Broker broker) {
        List<String> addresses = new ArrayList<>();
        for (Listener bound : broker.bound()) {
            Listener told = Objects.requireNonNull(broker.listeners().get(bound.name()));
            addresses.add(
                    bound + (told.equals(bound) ? "" : " (clients are told " + told.host() + ":" + told.port() + ")"));
        }
        return String.join(", ", addresses);
    }

    private static String folders(List<Path> folders) {
        List<String> names = new ArrayList<>();
        for (Path folder : folders) {
            names.add(folder.toAbsolutePath().normalize().toString());
        }
        return String.join(", ", names);
    }

    private static String topics(int count) {
        return count == 0 ? "no topics yet" : count == 1 ? "1 topic" : count + " topics";
    }

    private static void close(Broker broker, CountDownLatch closed) {
        try {
            broker.close();
            LOG.info("Stopped");
            closed.countDown();
            Runtime.getRuntime().halt(0);
        } catch (IOException | InterruptedException | RuntimeException e) {
            LOG.error("Stopping failed; the next start will recover the logs", e);
            Runtime.getRuntime().halt(1);
        }
    }

    private static void fail(String message) {
        System.err.println("gregor: " + message);
        System.exit(1);
    }
}
