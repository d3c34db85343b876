package io.gregor.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What CONTRIBUTING.md asks for and a program can check, over all sources. */
@Tag("once")
class TidyTest {
    private static final int FILE_LINES_MAX = 500;
    private static final int FUNCTION_LINES_MAX = 70;
    private static final int LINE_CHARACTERS_MAX = 120;
    private static final int PACKAGE_CLASSES_MAX = 25;

    private static final Path CHECKOUT = Path.of("..");

    private static final Pattern FUNCTION = Pattern.compile("^ {4,8}[\\w@<].*\\) (throws [\\w., ]+ )?\\{$");
    private static final Pattern BANNED_NAME =
            Pattern.compile("\\b(class|interface|record|enum) (\\w*(Manager|Helper|Util|Utils|Impl|Base)\\b|Abstract)");
    private static final Pattern BANNED_CALL =
            Pattern.compile("Thread\\.sleep\\(|new Random\\(\\)|System\\.(currentTimeMillis|nanoTime)\\(");
    private static final Pattern UNFINISHED = Pattern.compile("\\b(TODO|FIXME|XXX)\\b|@Disabled");

    /** Where the parts are put together, and where the real time is what is measured. */
    private static final Pattern WIRING =
            Pattern.compile(".*/(Main|JvmCacheTraining|Broker|BackgroundThreads)\\.java|.*/bench/.*");

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> folders = Files.walk(CHECKOUT, 3)) {
            for (Path folder : folders.filter(TidyTest::isSourceFolder).toList()) {
                try (Stream<Path> files = Files.walk(folder)) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                }
            }
        }
        return sources;
    }

    /** Of a module, or of one within it. */
    private static boolean isSourceFolder(Path folder) {
        return folder.endsWith("src") && Files.exists(folder.resolveSibling("pom.xml"));
    }

    @FunctionalInterface
    private interface Rule {
        void check(Path file, List<String> lines, List<String> findings);
    }

    private static void assertNone(Rule rule) throws IOException {
        List<String> findings = new ArrayList<>();
        List<Path> sources = sources();
        assertThat(sources).hasSizeGreaterThan(50);
        for (Path file : sources) {
            rule.check(file, Files.readAllLines(file), findings);
        }
        assertThat(findings).isEmpty();
    }

    private static boolean isTest(Path file) {
        return file.toString().contains("/src/test/");
    }

    private static void findAll(Pattern pattern, Path file, List<String> lines, List<String> findings) {
        for (int i = 0; i < lines.size(); i++) {
            if (pattern.matcher(lines.get(i)).find()) {
                findings.add(file + ":" + (i + 1) + ": " + lines.get(i).trim());
            }
        }
    }

    private static int indent(String line) {
        return line.length() - line.stripLeading().length();
    }

    /** A line together with those that go on with it, which are indented further, up to a brace or a semicolon. */
    private static String unwrapped(List<String> lines, int first) {
        StringBuilder text = new StringBuilder(lines.get(first));
        for (int i = first + 1; i < lines.size(); i++) {
            char last = text.isEmpty() ? ' ' : text.charAt(text.length() - 1);
            if (last == '{' || last == '}' || last == ';' || indent(lines.get(i)) <= indent(lines.get(first))) {
                break;
            }
            text.append(' ').append(lines.get(i).strip());
        }
        return text.toString();
    }

    @Test
    void filesAreShort() throws IOException {
        assertNone((file, lines, findings) -> {
            if (lines.size() > FILE_LINES_MAX) {
                findings.add(file + " has " + lines.size() + " lines");
            }
        });
    }

    @Test
    void packagesAreSmall() throws IOException {
        Map<String, Integer> classes = new TreeMap<>();
        for (Path file : sources()) {
            if (!file.endsWith("package-info.java")) {
                classes.merge(file.resolveSibling("").toString(), 1, Integer::sum);
            }
        }
        assertThat(classes).hasSizeGreaterThan(20);
        classes.entrySet().removeIf(one -> one.getValue() <= PACKAGE_CLASSES_MAX);
        assertThat(classes).isEmpty();
    }

    @Test
    void linesAreShort() throws IOException {
        assertNone((file, lines, findings) -> lines.stream()
                .filter(line -> line.length() > LINE_CHARACTERS_MAX)
                .forEach(line -> findings.add(file + ": " + line.trim())));
    }

    @Test
    void functionsAreShort() throws IOException {
        assertNone((file, lines, findings) -> {
            for (int i = 0; i < lines.size(); i++) {
                if (FUNCTION.matcher(unwrapped(lines, i)).matches()) {
                    String end = " ".repeat(indent(lines.get(i))) + "}";
                    int last = i;
                    // A switch whose value is used ends with a semicolon.
                    while (last + 1 < lines.size()
                            && !lines.get(last).equals(end)
                            && !lines.get(last).equals(end + ";")) {
                        last++;
                    }
                    if (last - i + 1 > FUNCTION_LINES_MAX) {
                        findings.add(file + ":" + (i + 1) + ": " + (last - i + 1) + " lines");
                    }
                }
            }
        });
    }

    @Test
    void namesSayWhatAThingIs() throws IOException {
        assertNone((file, lines, findings) -> {
            if (!file.endsWith("TidyTest.java")) {
                findAll(BANNED_NAME, file, lines, findings);
            }
        });
    }

    @Test
    void timeAndChanceComeFromOutside() throws IOException {
        assertNone((file, lines, findings) -> {
            if (!isTest(file) && !WIRING.matcher(file.toString()).matches()) {
                findAll(BANNED_CALL, file, lines, findings);
            }
        });
    }

    @Test
    void testsDoNotSleep() throws IOException {
        Pattern sleep = Pattern.compile("Thread\\." + "sleep\\(");
        assertNone((file, lines, findings) -> {
            if (isTest(file) && !file.endsWith("TidyTest.java")) {
                findAll(sleep, file, lines, findings);
            }
        });
    }

    @Test
    void nothingIsLeftUnfinished() throws IOException {
        assertNone((file, lines, findings) -> {
            if (!file.endsWith("TidyTest.java")) {
                findAll(UNFINISHED, file, lines, findings);
            }
        });
    }
}
