package io.gregor.broker.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleLoggerTest {
    private static String logged(String message, Object argument) {
        PrintStream out = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            new ConsoleLogger("name").info(message, argument);
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

    @Test
    void aMessageHasAnEnd() {
        assertThat(logged("client {}", "x".repeat(32_767)))
                .contains("xxx... and 30774 more characters (name)")
                .hasSizeLessThan(2200);
    }
}
