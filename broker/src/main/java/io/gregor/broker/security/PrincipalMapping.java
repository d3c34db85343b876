package io.gregor.broker.security;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Makes names of principals from those of certificates, as {@code ssl.principal.mapping.rules} says: a list of
 * {@code DEFAULT} and {@code RULE:pattern/replacement/[LU]}, of which the first that applies counts. Immutable.
 */
public final class PrincipalMapping {
    private static final String DEFAULT = "DEFAULT";
    private static final String RULE = "RULE:";
    private static final Pattern REFERENCE = Pattern.compile("\\$([1-9])");

    private record Rule(@Nullable Pattern pattern, String replacement, String letters) {
        @Nullable
        String apply(String distinguishedName) {
            if (pattern == null) {
                return distinguishedName;
            }
            Matcher matcher = pattern.matcher(distinguishedName);
            if (!matcher.matches()) {
                return null;
            }
            String name = matcher.replaceAll(withLiteralReferences(replacement, matcher.groupCount()));
            return switch (letters) {
                case "L" -> name.toLowerCase(Locale.ENGLISH);
                case "U" -> name.toUpperCase(Locale.ENGLISH);
                default -> name;
            };
        }

        /** A reference to a group that the pattern does not have is text, if it has any at all. */
        private static String withLiteralReferences(String replacement, int groups) {
            if (groups == 0) {
                return replacement;
            }
            return REFERENCE
                    .matcher(replacement)
                    .replaceAll(reference -> Matcher.quoteReplacement(
                            (Integer.parseInt(reference.group(1)) > groups ? "\\" : "") + reference.group()));
        }
    }

    private final List<Rule> rules;

    private PrincipalMapping(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** @throws IllegalArgumentException with the rule that is none */
    public static PrincipalMapping parse(String text) {
        List<Rule> rules = new ArrayList<>();
        String rest = text.trim();
        while (!rest.isEmpty()) {
            int end = endOfRule(rest);
            String rule = rest.substring(0, end).trim();
            if (!rule.isEmpty()) {
                rules.add(rule(rule));
            }
            rest = end == rest.length() ? "" : rest.substring(end + 1).trim();
        }
        return new PrincipalMapping(rules);
    }

    /** A comma ends a rule, but not within its pattern or replacement. */
    private static int endOfRule(String rest) {
        int from = 0;
        if (rest.startsWith(RULE)) {
            int afterPattern = endOfPart(rest, RULE.length());
            int afterReplacement = afterPattern < 0 ? -1 : endOfPart(rest, afterPattern + 1);
            from = Math.max(0, afterReplacement);
        }
        int comma = rest.indexOf(',', from);
        return comma < 0 ? rest.length() : comma;
    }

    /** Where the slash is that ends a pattern or a replacement, or -1. */
    private static int endOfPart(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == '/') {
                return i;
            }
        }
        return -1;
    }

    private static Rule rule(String text) {
        if (text.equals(DEFAULT)) {
            return new Rule(null, "", "");
        }
        int afterPattern = text.startsWith(RULE) ? endOfPart(text, RULE.length()) : -1;
        int afterReplacement = afterPattern < 0 ? -1 : endOfPart(text, afterPattern + 1);
        String letters = afterReplacement < 0 ? "" : text.substring(afterReplacement + 1);
        if (afterReplacement < 0 || !letters.isEmpty() && !letters.equals("L") && !letters.equals("U")) {
            throw new IllegalArgumentException("not a rule: " + text);
        }
        try {
            Pattern pattern = Pattern.compile(text.substring(RULE.length(), afterPattern));
            return new Rule(pattern, text.substring(afterPattern + 1, afterReplacement), letters);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("not a rule: " + text + " (" + e.getDescription() + ")", e);
        }
    }

    /** The name for a certificate's subject, which is written as RFC 2253 has it; null if no rule applies. */
    public @Nullable String nameOf(String distinguishedName) {
        for (Rule rule : rules) {
            String name = rule.apply(distinguishedName);
            if (name != null) {
                return name;
            }
        }
        return null;
    }
}
