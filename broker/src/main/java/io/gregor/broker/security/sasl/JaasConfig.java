package io.gregor.broker.security.sasl;

import java.io.IOException;
import java.io.StreamTokenizer;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Reads the value of {@code sasl.jaas.config}: {@code module flag name=value…;}. Pure. */
final class JaasConfig {
    private static final Set<String> FLAGS = Set.of("required", "requisite", "sufficient", "optional");

    private final StreamTokenizer tokens;

    /** One login module with its options, which may be secrets. */
    record Module(String name, Map<String, String> options) {
        @Override
        public String toString() {
            return name;
        }
    }

    private JaasConfig(String text) {
        tokens = new StreamTokenizer(new StringReader(text));
        tokens.slashSlashComments(true);
        tokens.slashStarComments(true);
        "-_$".chars().forEach(letter -> tokens.wordChars(letter, letter));
    }

    /** @throws IllegalArgumentException if the text is no such value; the message shows none of it */
    static List<Module> parse(String text) {
        try {
            JaasConfig parser = new JaasConfig(text);
            List<Module> modules = new ArrayList<>();
            while (parser.tokens.nextToken() != StreamTokenizer.TT_EOF) {
                modules.add(parser.module());
            }
            return modules;
        } catch (IOException e) {
            throw new IllegalArgumentException("it cannot be read", e);
        }
    }

    private Module module() throws IOException {
        String name = word("a login module");
        tokens.nextToken();
        if (!FLAGS.contains(word("a flag").toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("its flag is none of " + FLAGS);
        }
        Map<String, String> options = new LinkedHashMap<>();
        while (tokens.nextToken() != ';') {
            String key = word("the name of an option, or a semicolon at the end");
            if (tokens.nextToken() != '=') {
                throw new IllegalArgumentException("an option has no value");
            }
            tokens.nextToken();
            options.put(key, word("a value, which is a word or in quotes"));
        }
        return new Module(name, options);
    }

    private String word(String expected) {
        boolean isWord = tokens.ttype == StreamTokenizer.TT_WORD || tokens.ttype == '"' || tokens.ttype == '\'';
        if (!isWord || tokens.sval == null) {
            throw new IllegalArgumentException("there must be " + expected);
        }
        return Objects.requireNonNull(tokens.sval);
    }
}
