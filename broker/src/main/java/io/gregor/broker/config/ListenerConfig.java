package io.gregor.broker.config;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The configuration as it holds for one listener: {@code listener.name.<its name>.<key>} goes before {@code <key>}.
 * Immutable.
 */
public final class ListenerConfig {
    private final String name;
    private final SecurityProtocol protocol;
    private final UnaryOperator<@Nullable String> values;

    /** @param values what was given for a key, or null */
    ListenerConfig(String name, SecurityProtocol protocol, UnaryOperator<@Nullable String> values) {
        this.name = name;
        this.protocol = protocol;
        this.values = values;
    }

    /** The name of the listener. */
    public String name() {
        return name;
    }

    public SecurityProtocol protocol() {
        return protocol;
    }

    /** What the keys of this listener alone begin with. */
    public String prefix() {
        return prefix(name);
    }

    static String prefix(String listener) {
        return "listener.name." + listener.toLowerCase(Locale.ROOT) + ".";
    }

    /** The name under which a value was given, or would be for all listeners. */
    public String keyOf(String key) {
        return values.apply(prefix() + key) == null ? key : prefix() + key;
    }

    /** What was given, without space around it, or null. */
    public @Nullable String given(String key) {
        String own = values.apply(prefix() + key);
        String value = own == null ? values.apply(key) : own;
        return value == null ? null : value.trim();
    }

    /** The value or the default; empty if there is neither. */
    public String string(String key) {
        String value = given(key);
        if (value != null) {
            return value;
        }
        ConfigDefinition definition = ConfigDefinitions.BROKER.find(key);
        String byDefault = definition == null ? null : definition.defaultValue();
        return byDefault == null ? "" : byDefault;
    }

    public long number(String key) {
        return Long.parseLong(string(key));
    }

    public int integer(String key) {
        return Integer.parseInt(string(key));
    }

    /** The elements of a list; none if it is empty. */
    public List<String> list(String key) {
        return ConfigDefinition.elements(string(key));
    }

    /** That a value does not work, with a reason that says what is allowed. Secrets are not shown. */
    public InvalidConfigException refused(String key, String reason) {
        ConfigDefinition definition = ConfigDefinitions.BROKER.find(key);
        boolean shown = definition != null && !definition.isSensitive();
        return new InvalidConfigException(keyOf(key) + (shown ? "=" + string(key) : "") + ": " + reason);
    }

    /** @throws InvalidConfigException if a value is none that its key may have */
    void check(Iterable<String> keys) {
        for (String key : keys) {
            ConfigDefinition definition =
                    key.startsWith(prefix()) ? ConfigDefinitions.BROKER.find(key.substring(prefix().length())) : null;
            String value = values.apply(key);
            if (definition != null && value != null && definition.objection(value) != null) {
                throw refused(
                        definition.name(),
                        "allowed is "
                                + (definition.allowed().isEmpty()
                                        ? "a value of type " + definition.type()
                                        : definition.allowed()));
            }
        }
    }
}
