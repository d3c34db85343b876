package io.gregor.cli.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ParseResult;

/** Values of options that are pairs. */
public final class Pairs {
    static final String LABEL = "KEY=VALUE";

    private Pairs() {}

    /**
     * All of them, in their order.
     *
     * @throws UsageException if one is no pair
     */
    public static List<Map.Entry<String, String>> of(ParseResult args, String option) {
        List<Map.Entry<String, String>> pairs = new ArrayList<>();
        List<String> texts = args.matchedOptionValue(option, List.of());
        for (String text : texts) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw new UsageException(option + "=" + text + ": allowed is " + LABEL);
            }
            pairs.add(Map.entry(text.substring(0, equals), text.substring(equals + 1)));
        }
        return pairs;
    }

    /**
     * The value of each key.
     *
     * @throws UsageException if one is no pair, or a key is there twice
     */
    public static Map<String, String> unique(ParseResult args, String option) {
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, String> pair : of(args, option)) {
            if (values.put(pair.getKey(), pair.getValue()) != null) {
                throw new UsageException(
                        option + "=" + pair.getKey() + "=" + pair.getValue() + ": allowed is one value for each key");
            }
        }
        return values;
    }
}
