package io.gregor.broker.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which log directories get no new partitions, as {@code cordoned.log.dirs} says (KIP-1066). Pure. */
public final class CordonedLogDirs {
    public static final String KEY = "cordoned.log.dirs";

    private static final String ALL = "*";

    private CordonedLogDirs() {}

    /** Why a broker with these folders cannot have that value, in Kafka's words, or null if it can. */
    static @Nullable String objection(String value, BrokerConfig config) {
        List<String> missing = new ArrayList<>(ConfigDefinition.elements(value));
        if (missing.contains(ALL)) {
            return missing.size() == 1 ? null : "When cordoned.log.dirs is set to *, it must not contain other values";
        }
        missing.removeAll(config.logDirNames());
        return missing.isEmpty()
                ? null
                : "All entries in cordoned.log.dirs must be present in log.dirs or log.dir." + " Missing entries : "
                        + String.join(", ", missing);
    }

    /** Those that are cordoned now. */
    public static Set<Path> of(DynamicConfig now) {
        List<String> entries = ConfigDefinition.elements(now.string(KEY));
        return now.atStart().logDirNames().stream()
                .filter(name -> entries.contains(ALL) || entries.contains(name))
                .map(Path::of)
                .collect(Collectors.toSet());
    }
}
