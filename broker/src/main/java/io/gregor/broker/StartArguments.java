package io.gregor.broker;

import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.secure.SecureKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of {@code gregor start}, which are those of {@code kafka-server-start.sh}, and some of its own:
 * {@code [--dev] [--secure[=kind]] [--seed file.yaml]... [server.properties] [--override key=value]...}. Immutable.
 *
 * @param given the file's, and over them those of the command line
 * @param dev whether what nobody gave is to be as it suits development ({@link DevProfile})
 * @param secure with what clients have to say who they are; null: whatever the settings say
 * @param seeds files of what is to be there before clients come
 * @param seedDryRun whether the seeds are only to be checked and shown
 */
record StartArguments(
        Map<String, String> given, boolean dev, @Nullable SecureKind secure, List<Path> seeds, boolean seedDryRun) {
    private static final String OVERRIDE = "--override";
    private static final String DEV = "--dev";
    private static final String SECURE = "--secure";
    private static final String SEED = "--seed";
    private static final String DRY_RUN = "--seed-dry-run";
    private static final String USAGE =
            "allowed is [--dev] [--secure[=plain|scram|mtls]] [--seed file.yaml]... [server.properties]"
                    + " [--override key=value]...";

    /** @throws InvalidConfigException with one line that says which argument is wrong, and what is allowed */
    static StartArguments parse(List<String> words) throws IOException {
        Map<String, String> settings = new HashMap<>();
        Iterator<String> next = words.iterator();
        boolean fileMayCome = true;
        boolean dev = false;
        boolean dryRun = false;
        SecureKind secure = null;
        List<Path> seeds = new ArrayList<>();
        while (next.hasNext()) {
            String word = next.next();
            if (word.equals(DEV) || word.equals(DRY_RUN)) {
                dev |= word.equals(DEV);
                dryRun |= word.equals(DRY_RUN);
                continue;
            }
            if (word.equals(SECURE) || word.startsWith(SECURE + "=")) {
                secure = SecureKind.parse(word);
                continue;
            }
            if (word.equals(SEED) || word.startsWith(SEED + "=")) {
                seeds.add(seed(word, next));
                continue;
            }
            if (fileMayCome && !word.startsWith("-")) {
                settings.putAll(file(Path.of(word)));
            } else if (word.equals(OVERRIDE)) {
                if (!next.hasNext()) {
                    throw new InvalidConfigException(OVERRIDE + ": key=value is missing");
                }
                set(settings, next.next());
            } else if (word.startsWith(OVERRIDE + "=")) {
                set(settings, word.substring(OVERRIDE.length() + 1));
            } else {
                throw new InvalidConfigException(objection(word));
            }
            fileMayCome = false;
        }
        if (dryRun && seeds.isEmpty()) {
            throw new InvalidConfigException(DRY_RUN + ": " + SEED + " file.yaml is missing");
        }
        return new StartArguments(Map.copyOf(settings), dev, secure, List.copyOf(seeds), dryRun);
    }

    private static Path seed(String word, Iterator<String> next) {
        boolean alone = word.equals(SEED);
        if (alone && !next.hasNext()) {
            throw new InvalidConfigException(SEED + ": a file or a directory is missing");
        }
        return Path.of(alone ? next.next() : word.substring(SEED.length() + 1));
    }

    /** All that the broker is told, but for what {@code --secure} says. */
    Map<String, String> settings() {
        return dev ? DevProfile.KEYS.under(given) : given;
    }

    private static void set(Map<String, String> settings, String setting) {
        int equals = setting.indexOf('=');
        if (equals <= 0) {
            throw new InvalidConfigException(OVERRIDE + " " + setting + ": allowed is key=value");
        }
        settings.put(setting.substring(0, equals).trim(), setting.substring(equals + 1));
    }

    private static String objection(String word) {
        if (word.equals("-daemon")) {
            return word + ": Gregor stays in the foreground; leave it to a service manager, or end the line with &";
        }
        if (!word.startsWith("-")) {
            return word + ": "
                    + (word.indexOf('=') > 0
                            ? "allowed is " + OVERRIDE + " " + word
                            : "the file comes first; " + USAGE);
        }
        String key = word.replaceFirst("^-+", "");
        String named = key.indexOf('=') > 0 ? key : key + "=value";
        return word + ": there is no such option, " + USAGE
                + (key.isEmpty() ? "" : "; a setting is given as " + OVERRIDE + " " + named);
    }

    /** As Kafka reads it: Latin-1, with escapes for other characters. */
    private static Map<String, String> file(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new InvalidConfigException(file + ": is a directory, allowed is a file of settings");
        }
        if (!Files.isReadable(file)) {
            throw new InvalidConfigException(file + ": there is no such file that can be read");
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigException(file + ": cannot be read as properties, " + e.getMessage());
        }
        Map<String, String> settings = new HashMap<>();
        properties.forEach((key, value) -> settings.put(key.toString(), value.toString()));
        return settings;
    }
}
