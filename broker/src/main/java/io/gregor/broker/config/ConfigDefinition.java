package io.gregor.broker.config;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One of Kafka's configurations.
 *
 * @param defaultValue null if there is none
 * @param allowed what values are valid, in the words of Kafka's validator; empty if any of the type is
 * @param updateMode {@code read-only}, {@code per-broker}, {@code cluster-wide}, or {@code topic}
 * @param synonyms for a topic's configuration, the broker's that give its default, the strongest first
 * @param elements what a list may be
 */
public record ConfigDefinition(
        String name,
        Type type,
        @Nullable String defaultValue,
        String allowed,
        String updateMode,
        boolean internal,
        List<Synonym> synonyms,
        Elements elements) {

    private static final String READ_ONLY = "read-only";

    /** The types of values; the number is that of the DescribeConfigs protocol. */
    public enum Type {
        BOOLEAN(1),
        STRING(2),
        INT(3),
        SHORT(4),
        LONG(5),
        DOUBLE(6),
        LIST(7),
        CLASS(8),
        PASSWORD(9),
        /** Of what Kafka does not have: it may be a secret of somebody else's. */
        UNKNOWN(0);

        private final byte id;

        Type(int id) {
            this.id = (byte) id;
        }

        public byte id() {
            return id;
        }
    }

    /** What a list may be. */
    public enum Elements {
        ANY,
        /** What is there twice counts once, and nothing in it is empty. */
        DISTINCT,
        /** As above, and there must be some. */
        SOME_DISTINCT
    }

    /** A broker's configuration and the factor from its unit to the topic's. */
    public record Synonym(String name, long factor) {
        public String convert(String value) {
            return factor == 1 ? value : String.valueOf(Math.multiplyExact(Long.parseLong(value.trim()), factor));
        }
    }

    static ConfigDefinition parse(String row) {
        String[] cells = row.split("\t", -1);
        List<Synonym> synonyms = cells[6].isEmpty()
                ? List.of()
                : List.of(cells[6].split(",", -1)).stream()
                        .map(text -> new Synonym(
                                text.substring(0, text.indexOf('*')),
                                Long.parseLong(text.substring(text.indexOf('*') + 1))))
                        .toList();
        return new ConfigDefinition(
                cells[0],
                Type.valueOf(cells[1]),
                cells[2].equals("-") ? null : cells[2].substring(1),
                cells[3],
                cells[4],
                cells[5].equals("internal"),
                synonyms,
                Elements.valueOf(cells[7]));
    }

    /** Of a name that is in none of Kafka's tables. */
    static ConfigDefinition fixed(String name, Type type) {
        return new ConfigDefinition(name, type, null, "", READ_ONLY, false, List.of(), Elements.ANY);
    }

    public boolean isReadOnly() {
        return updateMode.equals(READ_ONLY);
    }

    public boolean isSensitive() {
        return type == Type.PASSWORD || type == Type.UNKNOWN;
    }

    /** Why the configuration cannot have that value, in Kafka's words, or null if it can. */
    public @Nullable String objection(String value) {
        try {
            return type == Type.LIST
                    ? AllowedValues.listObjection(this, list(value))
                    : AllowedValues.objection(this, canonical(value));
        } catch (NumberFormatException e) {
            return objection(value, "Not a number of type " + type);
        } catch (IllegalArgumentException e) {
            return objection(value, "Expected value to be either true or false");
        }
    }

    String objection(String value, String problem) {
        return "Invalid value " + value + " for configuration " + name + ": " + problem;
    }

    /** A value as Kafka shows it: as it reads it, unless that is of an internal key, or no valid value. */
    public String shown(String value) {
        try {
            return internal ? value : canonical(value);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }

    private String canonical(String value) {
        String trimmed = value.trim();
        return switch (type) {
            case BOOLEAN -> String.valueOf(truth(trimmed));
            case INT -> String.valueOf(Integer.parseInt(trimmed));
            case SHORT -> String.valueOf(Short.parseShort(trimmed));
            case LONG -> String.valueOf(Long.parseLong(trimmed));
            case DOUBLE -> String.valueOf(Double.parseDouble(trimmed));
            case LIST -> String.join(",", list(trimmed));
            case STRING, CLASS, PASSWORD -> trimmed;
            case UNKNOWN -> value;
        };
    }

    private static boolean truth(String text) {
        if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
            throw new IllegalArgumentException(text);
        }
        return text.equalsIgnoreCase("true");
    }

    private List<String> list(String value) {
        List<String> all = elements(value);
        return elements == Elements.ANY ? all : all.stream().distinct().toList();
    }

    /** The elements of any list, as Kafka parts them. */
    static List<String> elements(String list) {
        return list.isBlank() ? List.of() : Arrays.asList(list.trim().split("\\s*,\\s*", -1));
    }
}
