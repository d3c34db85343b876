package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.Listener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Whatever stands in {@code server.properties}, it is taken or refused as Apache Kafka's own class takes or refuses it,
 * and taken for the same value. In this process: neither side starts.
 */
@Tag("once")
class StaticConfigTest {
    private static final int COMBINATIONS = Integer.getInteger("config.combinations", 4000);

    private static final Map<String, String> BASE = Map.of(
            "process.roles", "broker,controller",
            "node.id", "1",
            "listeners", "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
            "controller.listener.names", "CONTROLLER",
            "controller.quorum.voters", "1@localhost:9093",
            "log.dirs", "/kafka/logs");

    private static final List<String> WHOLE_NUMBERS = List.of(
            "-9223372036854775808",
            "-2147483649",
            "-2147483648",
            "-32769",
            "-1000",
            "-2",
            "-1",
            "0",
            "1",
            " 2 ",
            "3",
            "4",
            "5",
            "14",
            "15",
            "100",
            "1000",
            "1023",
            "1024",
            "32767",
            "32768",
            "60000",
            "1048576",
            "1048577",
            "2147483647",
            "2147483648",
            "9223372036854775807",
            "9223372036854775808",
            "",
            "1.5",
            "x",
            "+5",
            "5L",
            "0x10",
            "1_000",
            "1 0");

    private static final Map<Type, List<String>> VALUES = Map.of(
            Type.BOOLEAN, List.of("true", "FALSE", " true ", "yes", "1", "", "tru e"),
            Type.INT, WHOLE_NUMBERS,
            Type.SHORT, WHOLE_NUMBERS,
            Type.LONG, WHOLE_NUMBERS,
            Type.DOUBLE, List.of("-1", "0", "0.5", " 1 ", "1.5", "NaN", "x", "", "1e3", "0.5d"),
            Type.STRING,
                    List.of(
                            "",
                            " ",
                            "x",
                            "producer",
                            "gzip",
                            " lz4 ",
                            "PLAINTEXT",
                            "plaintext",
                            "none",
                            "CreateTime",
                            "bidirectional",
                            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                            "a:1",
                            "a:1,b:x",
                            "a_b:1",
                            "1.2.3"),
            Type.LIST,
                    List.of(
                            "",
                            ",",
                            "a",
                            "a,a",
                            "a,,b",
                            " a , b ",
                            "*",
                            "delete",
                            "compact,delete",
                            "classic",
                            "classic,consumer",
                            "consumer",
                            "uniform",
                            "range, uniform",
                            "simple",
                            "true",
                            "CONTROLLER",
                            "/kafka/logs",
                            "1@localhost:9093",
                            "localhost:9093",
                            "PLAINTEXT://localhost:1"),
            Type.PASSWORD, List.of("", "x"));

    private static final String[] CONTROLLERS = {"CONTROLLER", "controller", "CONTROLLER,EXTERNAL"};
    private static final String[] BETWEEN_BROKERS = {"PLAINTEXT", "external", "INTERNAL", "CONTROLLER"};

    /** What differs, and why. */
    private static final Set<String> APART = Set.of(
            // Gregor has none, and what it should guard would not be guarded.
            "authorizer.class.name",
            // A node that does not say who votes is the only voter.
            "controller.quorum.voters=",
            // A controller of another node's.
            "controller.quorum.bootstrap.servers=PLAINTEXT://localhost:1");

    @Test
    void eachValueOfEachKey() {
        Failures failures = new Failures();
        for (ConfigDef.ConfigKey key : KafkaConfig.configDef().configKeys().values()) {
            // None of the classes is loaded: see StartRules.
            for (String value : VALUES.getOrDefault(key.type, List.of())) {
                // There Apache Kafka divides by zero.
                boolean divides = key.name.equals("log.cleaner.threads") && value.equals("0");
                if (!divides && !APART.contains(key.name) && !APART.contains(key.name + "=" + value)) {
                    failures.compare(Map.of(key.name, value));
                }
            }
        }
        failures.assertNone();
    }

    /** Of those that have to fit together. */
    @Test
    void combinations() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Failures failures = new Failures();
        List<ConfigDef.ConfigKey> keys = KafkaConfig.configDef().configKeys().values().stream()
                .filter(key -> key.name.matches("group\\..*(ms|limit|locks|size|sessions|replicas)|replica\\..*ms"
                        + "|.*(connection|request\\.max|max\\.request).*|log\\.(roll|retention|cleaner)\\..*"))
                .filter(key -> key.type == Type.INT || key.type == Type.LONG)
                .toList();
        for (int i = 0; i < COMBINATIONS; i++) {
            Map<String, String> given = new HashMap<>();
            String family = keys.get(random.nextInt(keys.size())).name;
            String begin = family.substring(0, Math.min(family.length(), 11));
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                ConfigDef.ConfigKey key = keys.get(random.nextInt(keys.size()));
                if (key.name.startsWith(begin) || random.nextInt(8) == 0) {
                    given.put(key.name, near(key, random));
                }
            }
            if (!"0".equals(given.get("log.cleaner.threads"))) {
                failures.compare(given);
            }
        }
        failures.assertNone("seed " + seed);
    }

    /** A value about as large as the default. */
    private static String near(ConfigDef.ConfigKey key, Random random) {
        long byDefault = key.defaultValue instanceof Number number ? number.longValue() : 1000;
        return switch (random.nextInt(6)) {
            case 0 -> String.valueOf(byDefault * 2 / 3);
            case 1 -> String.valueOf(Math.min(Integer.MAX_VALUE, byDefault * 3));
            case 2 -> String.valueOf(byDefault + 1);
            case 3 -> String.valueOf(byDefault / 10);
            case 4 -> String.valueOf(random.nextInt(3) - 1);
            default -> String.valueOf(byDefault);
        };
    }

    @Test
    void listeners() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Failures failures = new Failures();
        for (int i = 0; i < COMBINATIONS; i++) {
            Map<String, String> given = new HashMap<>();
            if (random.nextInt(4) > 0) {
                // All addresses without an advertised one: Apache Kafka refuses that, Gregor advertises localhost.
                given.put("listeners", someListeners(random, "localhost", "127.0.0.1", "[::1]", "a.b", ""));
            }
            // The port 0 becomes that which is bound, later.
            String advertised = someListeners(random, "localhost", "0.0.0.0", "a.b", "[::1]")
                    .replace(":0", ":9096");
            put(given, "advertised.listeners", random, advertised);
            put(given, "listener.security.protocol.map", random, someProtocols(random));
            put(given, "controller.listener.names", random, one(random, CONTROLLERS));
            put(given, "inter.broker.listener.name", random, one(random, BETWEEN_BROKERS));
            if (random.nextInt(6) == 0) {
                given.put("security.inter.broker.protocol", one(random, "PLAINTEXT", "SSL"));
            }
            if (random.nextInt(6) == 0) {
                given.put("early.start.listeners", one(random, "PLAINTEXT", "CONTROLLER", "EXTERNAL", ""));
            }
            failures.compare(given);
        }
        failures.assertNone("seed " + seed);
    }

    private static void put(Map<String, String> given, String key, Random random, String value) {
        if (random.nextInt(3) == 0) {
            given.put(key, value);
        }
    }

    private static String one(Random random, String... values) {
        return values[random.nextInt(values.length)];
    }

    private static String someListeners(Random random, String... hosts) {
        List<String> some = new ArrayList<>();
        if (random.nextInt(5) > 0) {
            some.add("PLAINTEXT://localhost:9092");
            some.add("CONTROLLER://localhost:9093");
        }
        for (int n = random.nextInt(3); n > 0 || some.isEmpty(); n--) {
            some.add(one(random, "PLAINTEXT", "EXTERNAL", "external", "INTERNAL", "CONTROLLER") + "://"
                    + one(random, hosts) + ":" + one(random, "0", "9092", "9094", "9095"));
        }
        return String.join(one(random, ",", " , "), some);
    }

    private static String someProtocols(Random random) {
        Set<String> some = new TreeSet<>(List.of("PLAINTEXT:PLAINTEXT"));
        if (random.nextInt(4) > 0) {
            some.add("CONTROLLER:PLAINTEXT");
        }
        if (random.nextInt(4) > 0) {
            some.add("EXTERNAL:PLAINTEXT");
        }
        some.add(one(random, "INTERNAL:plaintext", "external:PLAINTEXT", "SSL:SSL", "X:Y", "INTERNAL", "EXTERNAL:SSL"));
        return String.join(one(random, ",", " , "), some);
    }

    private static final class Failures {
        private final List<String> found = new ArrayList<>();

        void compare(Map<String, String> given) {
            Map<String, String> all = new HashMap<>(BASE);
            all.putAll(given);
            String kafka = kafka(all, given);
            String gregor = gregor(all, given);
            boolean same = kafka.startsWith("refused") ? gregor.startsWith("refused") : kafka.equals(gregor);
            if (!same) {
                found.add(given + "\n    Kafka: " + kafka + "\n    Gregor: " + gregor);
            }
        }

        void assertNone() {
            assertNone("");
        }

        void assertNone(String seed) {
            assertThat(found.subList(0, Math.min(20, found.size()))).as(seed).isEmpty();
        }
    }

    private static String kafka(Map<String, String> all, Map<String, String> given) {
        Properties properties = new Properties();
        properties.putAll(all);
        KafkaConfig config;
        try {
            config = new KafkaConfig(properties, false);
        } catch (RuntimeException e) {
            return "refused: " + e;
        }
        Map<String, String> values = new HashMap<>();
        given.keySet().forEach(key -> values.put(key, shown(config.get(key), config.typeOf(key))));
        Set<String> advertised = new TreeSet<>();
        CollectionConverters.asJava(config.effectiveAdvertisedBrokerListeners())
                .forEach(one -> advertised.add(
                        new Listener(one.listener(), Objects.requireNonNullElse(one.host(), "host"), one.port())
                                .toString()));
        return "taken: " + new TreeMap<>(values) + " " + config.nodeId() + " " + advertised;
    }

    private static @Nullable String shown(@Nullable Object value, Type type) {
        return value == null ? null : String.valueOf(ConfigDef.convertToString(value, type));
    }

    private static String gregor(Map<String, String> all, Map<String, String> given) {
        BrokerConfig config;
        try {
            config = BrokerConfig.of(all);
        } catch (InvalidConfigException e) {
            return "refused: " + e.getMessage();
        }
        Map<String, String> values = new HashMap<>();
        given.keySet().forEach(key -> values.put(key, value(config, key)));
        Set<String> advertised = new TreeSet<>();
        String names =
                given.getOrDefault("advertised.listeners", all.get("listeners")).toUpperCase(Locale.ROOT);
        // Gregor advertises one that is not among them as it is bound; Apache Kafka tells its clients no broker.
        config.advertised(config.listeners(), "host").values().stream()
                .filter(one -> names.contains(one.name() + "://"))
                .forEach(one -> advertised.add(one.toString()));
        return "taken: " + new TreeMap<>(values) + " " + config.nodeId() + " " + advertised;
    }

    private static String value(BrokerConfig config, String key) {
        return switch (KafkaConfig.configDef().configKeys().get(key).type) {
            case BOOLEAN -> String.valueOf(config.isOn(key));
            case INT, SHORT -> String.valueOf(config.integer(key));
            case LONG -> String.valueOf(config.number(key));
            case DOUBLE -> String.valueOf(Double.parseDouble(config.string(key)));
            case LIST ->
                String.join(
                        ",",
                        Arrays.stream(config.string(key).split("\\s*,\\s*", -1))
                                .distinct()
                                .toList());
            case PASSWORD -> "[hidden]";
            case STRING, CLASS -> config.string(key);
        };
    }
}
