package io.gregor.broker.config;

import io.gregor.broker.config.ConfigDefinition.Elements;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks values against what Kafka's validators say of themselves: ranges, lists of words, non-empty texts, and the few
 * forms that have a validator of their own.
 */
final class AllowedValues {
    private static final Pattern RANGE =
            Pattern.compile("\\[(-?[0-9.]*?),?\\.\\.\\.(?:,(-?[0-9.]+))?](?: or (-?\\d+))?");
    private static final Pattern WORDS = Pattern.compile("(?:\\(case insensitive\\) )?\\[([\\w, -]+)]");
    /** Says more than is so: it may be empty. */
    private static final String ADDRESSES = "non-empty list";

    private static final String REPLICAS = "[partitionId]:[brokerId],[partitionId]:[brokerId],...";
    private static final Pattern REPLICA = Pattern.compile("(?:[0-9]+:[0-9]+)?");
    private static final String WITH_DURATION = "by_duration:";
    private static final String RESET = "[latest, earliest, " + WITH_DURATION + "PnDTnHnMn.nS]";

    private AllowedValues() {}

    /** Why the configuration cannot have that value, which is of the right type and canonical, or null. */
    static @Nullable String objection(ConfigDefinition definition, String value) {
        String problem = problem(definition, value);
        return problem == null ? null : definition.objection(value, problem);
    }

    /** Why the configuration cannot be that list, or null. */
    static @Nullable String listObjection(ConfigDefinition definition, List<String> elements) {
        String quoted = "Configuration '" + definition.name() + "'";
        boolean mustNotBeEmpty = definition.elements() == Elements.SOME_DISTINCT
                || definition.allowed().startsWith("non-empty")
                        && !definition.allowed().equals(ADDRESSES);
        if (mustNotBeEmpty && elements.isEmpty()) {
            String words = WORDS.matcher(definition.allowed()).matches() ? definition.allowed() : "any non-empty value";
            return quoted + " must not be empty. Valid values include: " + words;
        }
        if (definition.allowed().equals(REPLICAS)) {
            return areReplicas(elements)
                    ? null
                    : definition.objection(
                            elements.toString(),
                            definition.name()
                                    + " must be the literal '*' or a list of replicas in the following format: "
                                    + REPLICAS);
        }
        for (String element : elements) {
            if (element.isEmpty() && definition.elements() != Elements.ANY) {
                return quoted + " values must not be empty.";
            }
            String problem = problem(definition, element);
            if (problem != null) {
                return definition.objection(element, problem);
            }
        }
        return null;
    }

    private static boolean areReplicas(List<String> elements) {
        return elements.stream().allMatch(element -> REPLICA.matcher(element).matches())
                || String.join("", elements).equals("*");
    }

    /** What is wrong with a value or an element, or null. */
    private static @Nullable String problem(ConfigDefinition definition, String value) {
        String allowed = definition.allowed();
        if (allowed.startsWith("non-empty") && value.isEmpty()) {
            return "String must be non-empty";
        }
        if (allowed.equals(RESET)) {
            return isReset(value)
                    ? null
                    : "Invalid value `" + value + "` for configuration " + definition.name()
                            + ". The value must be either 'earliest', 'latest' or of the format"
                            + " 'by_duration:<PnDTnHnMn.nS>'.";
        }
        Matcher range = RANGE.matcher(allowed);
        if (range.matches()) {
            return rangeProblem(range, value);
        }
        Matcher words = WORDS.matcher(allowed);
        if (words.matches()) {
            return wordProblem(
                    allowed.startsWith("(case"), Arrays.asList(words.group(1).split(", ")), value);
        }
        return null;
    }

    private static boolean isReset(String value) {
        if (!value.startsWith(WITH_DURATION)) {
            return value.equals("earliest") || value.equals("latest");
        }
        try {
            return !Duration.parse(value.substring(WITH_DURATION.length())).isNegative();
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static @Nullable String rangeProblem(Matcher range, String value) {
        double number = Double.parseDouble(value);
        String least = range.group(1);
        String most = range.group(2);
        String orElse = range.group(3);
        if (orElse != null && number == Double.parseDouble(orElse)) {
            return null;
        }
        boolean tooLittle = !least.isEmpty() && number < Double.parseDouble(least);
        boolean tooMuch = most != null && number > Double.parseDouble(most);
        if (orElse != null && (tooLittle || tooMuch)) {
            return "Value must be between " + least + " and " + most + " or equal to " + orElse;
        }
        if (tooLittle) {
            return "Value must be at least " + least;
        }
        return tooMuch ? "Value must be no more than " + most : null;
    }

    private static @Nullable String wordProblem(boolean anyCase, List<String> words, String value) {
        return (anyCase ? words.stream().anyMatch(value::equalsIgnoreCase) : words.contains(value))
                ? null
                : "String must be one of" + (anyCase ? " (case insensitive): " : ": ") + String.join(", ", words);
    }
}
