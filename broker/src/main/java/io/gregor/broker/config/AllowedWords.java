package io.gregor.broker.config;

import io.gregor.broker.config.ConfigDefinition.Elements;
import io.gregor.broker.config.ConfigDefinition.Type;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a value may be, in words for whoever has mistyped it: Kafka's validators speak in intervals and types. Pure. */
final class AllowedWords {
    private static final String COMMAS = ", separated by commas";
    private static final Pattern RANGE = Pattern.compile("\\[(-?[\\d.]+),\\.\\.\\.,?(-?[\\d.]+)?](.*)");
    private static final Pattern CHOICE = Pattern.compile("(\\(case insensitive\\) )?\\[([^\\[\\]]+)]");
    private static final Map<String, String> UNITS = Map.of(
            "ms", " of milliseconds",
            "second", " of seconds",
            "seconds", " of seconds",
            "secs", " of seconds",
            "minutes", " of minutes",
            "hours", " of hours",
            "bytes", " of bytes");

    private AllowedWords() {}

    static String of(ConfigDefinition definition) {
        String allowed = definition.allowed();
        Matcher range = RANGE.matcher(allowed);
        if (range.matches()) {
            String upTo = range.group(2) == null ? "" : " to " + range.group(2);
            return kind(definition) + " from " + range.group(1) + (upTo.isEmpty() ? " on" : upTo) + range.group(3);
        }
        Matcher choice = CHOICE.matcher(allowed);
        if (choice.matches()) {
            String one = oneOf(List.of(choice.group(2).split(", ", -1)));
            return (definition.type() == Type.LIST ? "a list of " + one + COMMAS : one)
                    + (choice.group(1) == null ? "" : ", in upper or lower case");
        }
        return switch (allowed) {
            case "" -> kind(definition) + limits(definition.type());
            case "non-empty list" -> "one or more" + COMMAS;
            case "non-empty string" -> "a text that is not empty";
            default -> allowed;
        };
    }

    private static String kind(ConfigDefinition definition) {
        return switch (definition.type()) {
            case BOOLEAN -> "true or false";
            case INT, SHORT, LONG -> "a whole number" + unit(definition.name());
            case DOUBLE -> "a number";
            case LIST -> (definition.elements() == Elements.SOME_DISTINCT ? "one or more" : "a list") + COMMAS;
            case CLASS -> "the name of a class";
            case STRING, PASSWORD, UNKNOWN -> "a text";
        };
    }

    private static String unit(String key) {
        return UNITS.getOrDefault(key.substring(key.lastIndexOf('.') + 1), "");
    }

    private static String limits(Type type) {
        return switch (type) {
            case INT -> " up to " + Integer.MAX_VALUE;
            case SHORT -> " up to " + Short.MAX_VALUE;
            default -> "";
        };
    }

    private static String oneOf(List<String> values) {
        int last = values.size() - 1;
        return last == 0 ? values.get(0) : String.join(", ", values.subList(0, last)) + " or " + values.get(last);
    }
}
