package io.gregor.broker.config;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be set for brokers while they run, for one or for all. Pure. */
public final class BrokerConfigs {
    private static final Pattern OF_LISTENER = Pattern.compile("listener\\.name\\.[^.]*\\.(.*)");
    private static final String SECURITY = "ssl.";
    private static final long MEGABYTE = 1024 * 1024;
    private static final String PER_BROKER = "per-broker";

    private BrokerConfigs() {}

    /** Why brokers cannot have these configurations, in Kafka's words, or null if they can. */
    public static @Nullable String objection(Map<String, String> configs, boolean ofAll, BrokerConfig atStart) {
        Set<String> names = configs.keySet();
        String objection = objection("Cannot update these configs dynamically", names, name -> {
            ConfigDefinition definition = ConfigDefinitions.BROKER.find(name);
            return definition != null && definition.isReadOnly();
        });
        objection = objection != null
                ? objection
                : objection(
                        "These security configs can be dynamically updated only per-listener using the listener prefix",
                        names,
                        name -> name.startsWith(SECURITY) && ConfigDefinitions.BROKER.find(name) != null);
        for (Map.Entry<String, String> one : configs.entrySet()) {
            ConfigDefinition definition = definition(one.getKey());
            objection = objection == null && definition.type() != ConfigDefinition.Type.UNKNOWN
                    ? definition.objection(one.getValue())
                    : objection;
        }
        if (objection == null && ofAll) {
            objection = objection(
                    "Cannot update these configs at default cluster level, broker id must be specified",
                    names,
                    BrokerConfigs::isPerBroker);
        }
        String requirement = objection == null ? requirement(configs, atStart) : null;
        if (objection == null && requirement == null) {
            return ConnectionKeys.objection(configs, atStart);
        }
        return requirement == null ? objection : "requirement failed: " + requirement;
    }

    /**
     * What Kafka requires of a broker's values beyond what each may be, and is not so with these; null if all is.
     *
     * @param configs those that are new, every value valid by itself
     */
    static @Nullable String requirement(Map<String, String> configs, BrokerConfig atStart) {
        if (number(configs, "log.roll.ms", 1) < 1) {
            return "log.roll.ms must be greater than or equal to 1";
        }
        if (number(configs, "log.roll.jitter.ms", 0) < 0) {
            return "log.roll.jitter.ms must be greater than or equal to 0";
        }
        if (retention(configs) == 0) {
            return "log.retention.ms must be unlimited (-1) or, greater than or equal to 1";
        }
        long buffer =
                number(configs, "log.cleaner.dedupe.buffer.size", atStart.number("log.cleaner.dedupe.buffer.size"));
        long threads = number(configs, "log.cleaner.threads", atStart.number("log.cleaner.threads"));
        if (buffer / Math.max(1, threads) <= MEGABYTE) {
            return "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.";
        }
        String cordoned = configs.get(CordonedLogDirs.KEY);
        return cordoned == null ? null : CordonedLogDirs.objection(cordoned, atStart);
    }

    /** As given in the finest unit of time, which goes before the others; 0 stands for none at all in each. */
    private static long retention(Map<String, String> configs) {
        long hours = number(configs, "log.retention.hours", 1);
        return number(configs, "log.retention.ms", number(configs, "log.retention.minutes", hours));
    }

    private static long number(Map<String, String> configs, String key, long orElse) {
        String value = configs.get(key);
        return value == null ? orElse : Long.parseLong(value.trim());
    }

    private static boolean isPerBroker(String name) {
        if (!withoutListener(name).equals(name)) {
            return !ConnectionKeys.limits(name) && !withoutListener(name).equals("num.network.threads");
        }
        ConfigDefinition definition = ConfigDefinitions.BROKER.find(name);
        return definition != null && definition.updateMode().equals(PER_BROKER);
    }

    /** What a listener's key is for all listeners; any other key as it is. */
    static String withoutListener(String name) {
        Matcher ofListener = OF_LISTENER.matcher(name);
        return ofListener.matches() ? ofListener.group(1) : name;
    }

    private static @Nullable String objection(String what, Set<String> names, Predicate<String> applies) {
        Set<String> bad = new HashSet<>(names);
        bad.removeIf(applies.negate());
        return bad.isEmpty() ? null : what + ": " + bad;
    }

    /** Of a broker's configuration, of one that a listener has of its own, of a quota; else of something unknown. */
    public static ConfigDefinition definition(String name) {
        ConfigDefinition known = ConfigDefinitions.BROKER.find(name);
        if (known == null) {
            known = ConfigDefinitions.BROKER_QUOTA.find(name);
        }
        if (known == null && !withoutListener(name).equals(name)) {
            ConfigDefinition base = ConfigDefinitions.BROKER.find(withoutListener(name));
            known = base == null ? null : ConfigDefinition.fixed(name, base.type());
        }
        return known == null ? ConfigDefinition.fixed(name, ConfigDefinition.Type.UNKNOWN) : known;
    }
}
