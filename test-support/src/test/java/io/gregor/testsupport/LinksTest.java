package io.gregor.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the documents link to within the project is there. */
@Tag("once")
class LinksTest {
    private static final Path CHECKOUT = Path.of("..");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]+)(#[^)]*)?\\)");

    private static List<Path> documents() throws IOException {
        try (Stream<Path> files = Files.find(
                CHECKOUT,
                6,
                (path, attributes) -> path.toString().endsWith(".md")
                        && !path.toString().contains("/target/")
                        && !path.toString().contains("/node_modules/"))) {
            return files.toList();
        }
    }

    @Test
    void whatIsLinkedIsThere() throws IOException {
        List<String> missing = new ArrayList<>();
        int links = 0;
        for (Path document : documents()) {
            Matcher matcher = LINK.matcher(Files.readString(document));
            while (matcher.find()) {
                String target = matcher.group(1);
                if (target.contains("://") || target.startsWith("mailto:")) {
                    continue;
                }
                links++;
                if (!Files.exists(document.resolveSibling(target))) {
                    missing.add(document + ": " + target);
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(links).isGreaterThan(10);
    }

    @Test
    void eachPageOfTheDocumentationIsLinkedFromTheFirst() throws IOException {
        String first = Files.readString(CHECKOUT.resolve("README.md"));
        try (Stream<Path> pages = Files.list(CHECKOUT.resolve("docs"))) {
            assertThat(pages.filter(page -> page.toString().endsWith(".md")))
                    .isNotEmpty()
                    .allSatisfy(page -> assertThat(first).contains("(docs/" + page.getFileName() + ")"));
        }
    }
}
