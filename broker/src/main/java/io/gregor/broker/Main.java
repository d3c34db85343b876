package io.gregor.broker;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.net.IoLoops;
import io.gregor.log.disk.CorruptLogException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code [server.properties] [--override key=value]...}, as {@code kafka-server-start.sh} takes them. */
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
            Broker broker = start(settings(args), startedMs);
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

    static Broker start(Map<String, String> settings, long startedMs) throws IOException, InterruptedException {
        BrokerConfig config = BrokerConfig.of(settings);
        if (!config.unknown().isEmpty()) {
            LOG.warn("These settings are not known to Apache Kafka: {}", String.join(", ", config.unknown()));
        }
        if (!config.ignoredKeys().isEmpty()) {
            LOG.info("These settings change nothing here: {}", String.join(", ", config.ignoredKeys()));
        }
        Broker broker = Broker.start(config, () -> Runtime.getRuntime().halt(1));
        List<String> addresses = new ArrayList<>();
        broker.listeners().values().forEach(listener -> addresses.add(listener.toString()));
        List<String> folders = new ArrayList<>();
        broker.logDirs().forEach(folder -> folders.add(folder.toString()));
        // What Testcontainers waits for, in the words of Apache Kafka.
        LOG.info("The broker has been unfenced. Transitioning from RECOVERY to RUNNING.");
        LOG.info(
                "Kafka Server started: Gregor answers on {}, data in {}, cluster id {}, after {} ms",
                String.join(", ", addresses),
                String.join(", ", folders),
                broker.clusterId(),
                System.currentTimeMillis() - startedMs);
        return broker;
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

    /** The file's settings, and over them those of the command line. */
    static Map<String, String> settings(String[] args) throws IOException {
        Map<String, String> settings = new HashMap<>();
        List<String> words = List.of(args);
        int next = 0;
        if (next < words.size() && !words.get(next).startsWith("--")) {
            Path file = Path.of(words.get(next++));
            if (!Files.isReadable(file)) {
                throw new InvalidConfigException(file + ": there is no such file that can be read");
            }
            Properties properties = new Properties();
            try (Reader reader = Files.newBufferedReader(file)) {
                properties.load(reader);
            }
            properties.forEach((key, value) -> settings.put(key.toString(), value.toString()));
        }
        while (next < words.size()) {
            String word = words.get(next++);
            String setting = word.startsWith("--override=") ? word.substring("--override=".length()) : null;
            if (word.equals("--override") && next < words.size()) {
                setting = words.get(next++);
            }
            if (setting == null || setting.indexOf('=') <= 0) {
                throw new InvalidConfigException(word + ": allowed is [server.properties] [--override key=value]...");
            }
            settings.put(
                    setting.substring(0, setting.indexOf('=')).trim(), setting.substring(setting.indexOf('=') + 1));
        }
        return settings;
    }

    private static void fail(String message) {
        System.err.println("gregor: " + message);
        System.exit(1);
    }
}
