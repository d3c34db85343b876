package io.gregor.broker.seed;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.lane.Lane;
import io.gregor.broker.net.ApiRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the files of {@code --seed} put into a broker before its clients come. Confined to the thread that starts it.
 */
public final class Seeds {
    private static final Logger LOG = LoggerFactory.getLogger(Seeds.class);

    private final List<Seed> seeds;
    private final InstantSource clock;

    private Seeds(List<Seed> seeds, InstantSource clock) {
        this.seeds = seeds;
        this.clock = clock;
    }

    /**
     * Reads all files, and those of directories that end with .yaml or .yml, in the order of their names.
     *
     * @param clock the time of records that name none
     * @throws InvalidConfigException with the place of the first thing that is wrong
     */
    public static Seeds read(List<Path> paths, InstantSource clock) throws IOException {
        List<Seed> seeds = new ArrayList<>();
        for (Path path : paths) {
            for (Path file : files(path)) {
                seeds.add(SeedFile.read(file));
            }
        }
        return new Seeds(seeds, clock);
    }

    private static List<Path> files(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            if (!Files.isReadable(path)) {
                throw new InvalidConfigException(path + ": there is no such file that can be read");
            }
            return List.of(path);
        }
        try (Stream<Path> all = Files.list(path)) {
            List<Path> files = all.filter(file -> file.toString().matches(".*\\.ya?ml") && Files.isRegularFile(file))
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                throw new InvalidConfigException(path + ": there is no file in it that ends with .yaml or .yml");
            }
            return files;
        }
    }

    /** A line for each thing that would be done, for people. */
    public List<String> describe() {
        List<String> lines = new ArrayList<>();
        seeds.forEach(seed -> lines.addAll(seed.describe()));
        return lines;
    }

    /**
     * Checks all of it, and then does it.
     *
     * @param lane where the handlers are called
     * @param listener the name of one of the broker's
     * @throws InvalidConfigException with the place of the first thing that cannot be done; nothing is done then,
     *     unless it shows only when it is done, such as a full disk
     */
    public void applyTo(ApiRegistry apis, ClusterMetadata metadata, BrokerConfig config, Lane lane, String listener)
            throws IOException, InterruptedException {
        OwnRequests broker = new OwnRequests(apis, lane, listener, "seed");
        new SeedCheck(broker, metadata.image(), config).check(seeds);
        for (Seed seed : seeds) {
            List<String> done = new SeedApplication(broker, metadata, clock, new SecureRandom(), seed).apply();
            LOG.info("Seed {}: {}", seed.file(), done.isEmpty() ? "all is there already" : String.join(", ", done));
        }
    }
}
