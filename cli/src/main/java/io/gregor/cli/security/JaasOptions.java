package io.gregor.cli.security;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The options in the value of {@code sasl.jaas.config}: {@code module required name="value" ...;}. Pure. */
final class JaasOptions {
    private static final String KEY = "sasl.jaas.config";
    private static final String ALLOWED = ": allowed is MODULE required username=\"...\" password=\"...\";";

    /** A value may be in quotes, in which a backslash takes the next character as it is. */
    private static final Pattern OPTION =
            Pattern.compile("\\s+([A-Za-z_.-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|'([^']*)'|([^\\s\"';]+))");

    private static final Pattern LINE =
            Pattern.compile("\\s*[\\w.$]+\\s+(?:required|requisite|sufficient|optional)((?:" + OPTION + ")*)\\s*;\\s*");

    private JaasOptions() {}

    /** @throws IllegalArgumentException if it is of another form; its message has nothing of the value */
    static Map<String, String> of(Map<String, String> properties) {
        String value = properties.get(KEY);
        Matcher line = LINE.matcher(value == null ? "" : value);
        if (!line.matches()) {
            throw new IllegalArgumentException(KEY + (value == null ? " is missing" : " cannot be read") + ALLOWED);
        }
        Map<String, String> options = new HashMap<>();
        Matcher option = OPTION.matcher(line.group(1));
        while (option.find()) {
            options.put(option.group(1), text(option));
        }
        return options;
    }

    private static String text(Matcher option) {
        if (option.group(2) != null) {
            return option.group(2).replaceAll("\\\\(.)", "$1");
        }
        return option.group(3) == null ? option.group(4) : option.group(3);
    }

    /** @throws IllegalArgumentException if it is not there */
    static String wanted(Map<String, String> options, String name) {
        String value = options.get(name);
        if (value == null) {
            throw new IllegalArgumentException(KEY + " has no " + name + ALLOWED);
        }
        return value;
    }
}
