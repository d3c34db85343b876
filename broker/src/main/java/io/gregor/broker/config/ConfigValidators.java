package io.gregor.broker.config;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks values against what Kafka's validators say of themselves: ranges, lists of words, non-empty texts. */
final class ConfigValidators {
    private static final Pattern RANGE =
            Pattern.compile("\\[(-?[0-9.]*?),?\\.\\.\\.(?:,(-?[0-9.]+))?](?: or (-?\\d+))?");
    private static final Pattern WORDS = Pattern.compile("(?:\\(case insensitive\\) )?\\[([\\w, -]+)]");

    private ConfigValidators() {}

    /** What is wrong with a value of the right type, or null. */
    static @Nullable String problem(ConfigDefinition definition, String value) {
        String allowed = definition.allowed();
        if (allowed.startsWith("non-empty") && value.isEmpty()) {
            return definition.type() == ConfigDefinition.Type.LIST
                    ? "Configuration '" + definition.name()
                            + "' must not be empty. Valid values include: any non-empty value"
                    : "String must be non-empty";
        }
        Matcher range = RANGE.matcher(allowed);
        if (range.matches()) {
            return rangeProblem(range, value);
        }
        Matcher words = WORDS.matcher(allowed);
        if (words.matches()) {
            return wordProblem(definition, Arrays.asList(words.group(1).split(", ")), value);
        }
        return null;
    }

    private static @Nullable String rangeProblem(Matcher range, String value) {
        double number = Double.parseDouble(value);
        if (range.group(3) != null && number == Double.parseDouble(range.group(3))) {
            return null;
        }
        if (!range.group(1).isEmpty() && number < Double.parseDouble(range.group(1))) {
            return "Value must be at least " + range.group(1);
        }
        if (range.group(2) != null && number > Double.parseDouble(range.group(2))) {
            return "Value must be no more than " + range.group(2);
        }
        return null;
    }

    private static @Nullable String wordProblem(ConfigDefinition definition, List<String> words, String value) {
        boolean anyCase = definition.allowed().startsWith("(case");
        List<String> given = definition.type() == ConfigDefinition.Type.LIST
                ? Arrays.asList(value.split("\\s*,\\s*", -1))
                : List.of(value);
        for (String word : given) {
            boolean known = anyCase ? words.stream().anyMatch(word::equalsIgnoreCase) : words.contains(word);
            boolean none = word.isEmpty() && definition.type() == ConfigDefinition.Type.LIST;
            if (!known && !none) {
                return "String must be one of" + (anyCase ? " (case insensitive): " : ": ") + String.join(", ", words);
            }
        }
        return null;
    }
}
