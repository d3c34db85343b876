package io.gregor.broker.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ConsoleLoggerTest {
    private static String logged(String message, Object argument) {
        return written(logger -> logger.info(message, argument));
    }

    private static String written(Consumer<ConsoleLogger> logging) {
        PrintStream out = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            logging.accept(new ConsoleLogger("name"));
        } finally {
            System.setOut(out);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aMessageStaysOneLineWhateverAClientCallsItself() {
        assertThat(logged("client {}", "a\n[2026-01-01 00:00:00,000] ERROR b\r\u001b[2J"))
                .endsWith("INFO client a?[2026-01-01 00:00:00,000] ERROR b??[2J (name)" + System.lineSeparator());
    }

    /** Whoever reads it splits it at the ends of lines, and knows JSON only. */
    @Test
    void aMessageIsOneObjectOfJsonIfThatIsWanted() {
        ConsoleLogger.writeJson();
        try {
            assertThat(logged("client {}", "\"a\\\n\t\u001b\u00e4\ud83d\ude00"))
                    .matches("\\{\"time\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\",\"level\":\"INFO\","
                            + "\"logger\":\"name\",\"thread\":\"[^\"]+\",\"message\":\"[^}]*\"}\\R")
                    .contains("\"client \\\"a\\\\\\n\\t\\u001b\\u00e4\\ud83d\\ude00\"}");
            assertThat(logged("client {}", "x".repeat(32_767)))
                    .contains("xxx... and 30774 more characters\"}")
                    .hasSizeLessThan(2400);
            assertThat(written(logger -> logger.error("failed", new IllegalStateException("be\ncause"))))
                    .containsOnlyOnce("\n")
                    .contains("\"message\":\"failed\",\"stack\":\"")
                    .contains("\"java.lang.IllegalStateException: be\\ncause\\n\\tat io.");
        } finally {
            ConsoleLogger.writeText();
        }
    }

    @Test
    void aMessageHasAnEnd() {
        assertThat(logged("client {}", "x".repeat(32_767)))
                .contains("xxx... and 30774 more characters (name)")
                .hasSizeLessThan(2200);
    }
}
