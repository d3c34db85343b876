package io.gregor.broker.config;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All configurations of brokers, topics, groups and metrics of clients that Kafka has, read from the tables that the
 * build takes from Kafka's own definitions. Immutable, read on any thread.
 */
public final class ConfigDefinitions {
    public static final ConfigDefinitions BROKER = new ConfigDefinitions("broker");
    /** Of brokers too, but they can be set only while one runs. */
    public static final ConfigDefinitions BROKER_QUOTA = new ConfigDefinitions("broker-quota");

    public static final ConfigDefinitions TOPIC = new ConfigDefinitions("topic");
    public static final ConfigDefinitions GROUP = new ConfigDefinitions("group");
    public static final ConfigDefinitions CLIENT_METRICS = new ConfigDefinitions("client-metrics");

    private final String scope;
    private final Map<String, ConfigDefinition> byName = new TreeMap<>();
    private final List<ConfigDefinition> inOrder = new ArrayList<>();

    private ConfigDefinitions(String scope) {
        this.scope = scope;
        for (String row : rows(scope + "-configs.tsv")) {
            ConfigDefinition definition = ConfigDefinition.parse(row);
            byName.put(definition.name(), definition);
            inOrder.add(definition);
        }
    }

    private static Iterable<String> rows(String resource) {
        InputStream in = Objects.requireNonNull(ConfigDefinitions.class.getResourceAsStream(resource), resource);
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public @Nullable ConfigDefinition find(String name) {
        return byName.get(name);
    }

    /** In alphabetical order. */
    public Set<String> names() {
        return Collections.unmodifiableSet(byName.keySet());
    }

    /** In alphabetical order. */
    public Iterable<ConfigDefinition> all() {
        return byName.values();
    }

    /** In the order in which Apache Kafka defines them, and checks their values. */
    public List<ConfigDefinition> inOrder() {
        return Collections.unmodifiableList(inOrder);
    }

    /** The documentation of every configuration, read each time: few ask for it. */
    public Map<String, String> documentation() {
        Map<String, String> texts = new HashMap<>();
        for (String row : rows(scope + "-config-docs.tsv")) {
            int tab = row.indexOf('\t');
            texts.put(
                    row.substring(0, tab),
                    row.substring(tab + 1).replace("\\n", "\n").replace("\\\\", "\\"));
        }
        return texts;
    }
}
