package io.gregor.broker.logging;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.event.Level;

/**
 * From which level on loggers write. A level that is set for a name holds for all loggers below it. They can be changed
 * while the broker runs, until it ends; a program that the broker is a part of has levels of its own, and none here.
 * Thread-safe.
 */
public final class LogLevels {
    public static final String ROOT = "root";

    /** As they are named; in the order of the alphabet. */
    public static final List<String> NAMES = List.of("DEBUG", "ERROR", "FATAL", "INFO", "TRACE", "WARN");

    private static final String OURS = "io.gregor";
    /** Kafka's, of what an authorizer decides. */
    private static final String DECISIONS = "kafka.authorizer.logger";
    /** Nothing that is logged is as severe as that. */
    private static final int FATAL = Level.ERROR.toInt() + 10;

    private static final Map<String, String> SET = new ConcurrentHashMap<>();
    private static final Map<String, ConsoleLogger> LOGGERS = new ConcurrentHashMap<>();

    static {
        Level level = atStart(System.getProperty("gregor.log.level", "INFO"));
        SET.put(ROOT, (level.toInt() > Level.WARN.toInt() ? level : Level.WARN).name());
        SET.put(OURS, level.name());
        SET.put(DECISIONS, level.name());
    }

    private LogLevels() {}

    private static Level atStart(String name) {
        try {
            return Level.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            System.err.println("gregor: -Dgregor.log.level=" + name + ": allowed is one of " + List.of(Level.values())
                    + "; it is INFO now");
            return Level.INFO;
        }
    }

    static ConsoleLogger logger(String name) {
        return LOGGERS.computeIfAbsent(name, unknown -> {
            ConsoleLogger logger = new ConsoleLogger(name);
            logger.setLowest(number(of(name)));
            return logger;
        });
    }

    /** The level that holds, of each name that there is a logger for or that has a level; empty if not ours log. */
    public static Map<String, String> all() {
        Map<String, String> all = new TreeMap<>();
        if (!LOGGERS.isEmpty()) {
            LOGGERS.keySet().forEach(name -> all.put(name, of(name)));
            SET.keySet().forEach(name -> all.put(name, of(name)));
        }
        return all;
    }

    /** @param level one of {@link #NAMES} */
    public static void set(String name, String level) {
        SET.put(name, level);
        apply();
    }

    /** What is set further up holds again. */
    public static void unset(String name) {
        if (!name.equals(ROOT)) {
            SET.remove(name);
            apply();
        }
    }

    private static void apply() {
        LOGGERS.forEach((name, logger) -> logger.setLowest(number(of(name))));
    }

    private static String of(String name) {
        for (String prefix = name;
                !prefix.isEmpty();
                prefix = prefix.substring(0, Math.max(0, prefix.lastIndexOf('.')))) {
            String level = SET.get(prefix);
            if (level != null) {
                return level;
            }
        }
        return SET.getOrDefault(ROOT, Level.WARN.name());
    }

    private static int number(String level) {
        return level.equals("FATAL") ? FATAL : Level.valueOf(level).toInt();
    }
}
