package io.gregor.broker.logging;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * A message as one JSON object on one line, in ASCII whatever the locale: {@code time} (UTC), {@code level},
 * {@code logger}, {@code thread}, {@code message}, and {@code stack} where something was thrown. Immutable. A stack has
 * at most {@value #STACK_MAX} characters. Loaded only where lines are to be JSON.
 */
final class JsonLine {
    private static final int STACK_MAX = 16_000;
    private static final int FIRST_PRINTABLE = 0x20;
    private static final int AFTER_ASCII = 0x7f;
    private static final String HEX = "0123456789abcdef";

    private final StringBuilder line = new StringBuilder(240);

    private JsonLine() {}

    /** @param messageMax how many of the message's characters are written */
    static String of(Level level, String logger, String message, int messageMax, @Nullable Throwable thrown) {
        JsonLine json = new JsonLine();
        json.line.append("{\"time\":\"");
        ConsoleLogger.appendTime(json.line, LocalDateTime.now(ZoneOffset.UTC), 'T', '.');
        json.line.append("Z\"");
        json.add("level", level.name(), messageMax);
        json.add("logger", logger, messageMax);
        json.add("thread", Thread.currentThread().getName(), messageMax);
        json.add("message", message, messageMax);
        if (thrown != null) {
            StringWriter stack = new StringWriter();
            thrown.printStackTrace(new PrintWriter(stack, true));
            json.add("stack", stack.toString(), STACK_MAX);
        }
        return json.line.append('}').toString();
    }

    private void add(String name, String value, int max) {
        line.append(",\"").append(name).append("\":\"");
        int length = Math.min(value.length(), max);
        for (int i = 0; i < length; i++) {
            add(value.charAt(i));
        }
        if (length < value.length()) {
            line.append("... and ").append(value.length() - length).append(" more characters");
        }
        line.append('"');
    }

    private void add(char c) {
        switch (c) {
            case '"', '\\' -> line.append('\\').append(c);
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> {
                if (c >= FIRST_PRINTABLE && c < AFTER_ASCII) {
                    line.append(c);
                } else {
                    line.append("\\u");
                    for (int shift = 12; shift >= 0; shift -= 4) {
                        line.append(HEX.charAt(c >> shift & 0xf));
                    }
                }
            }
        }
    }
}
