package io.gregor.broker.logging;

import java.io.PrintStream;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * Writes a line a message: {@code [time] LEVEL message (class)}, as Kafka does, or a {@link JsonLine}. Its level is
 * that of {@link LogLevels}. Names that clients chose are in many messages: a message stays one line, whatever they
 * hold, and has at most {@value #MESSAGE_MAX} characters. Thread-safe.
 */
final class ConsoleLogger extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1L;

    private static final int MESSAGE_MAX = 2000;

    private static volatile boolean json;

    private volatile int lowest;

    ConsoleLogger(String name) {
        this.name = name;
    }

    /** From now on all lines are JSON. */
    static void writeJson() {
        json = true;
    }

    /** From now on all lines are text, as they are at the start. */
    static void writeText() {
        json = false;
    }

    void setLowest(int level) {
        lowest = level;
    }

    private boolean isEnabled(Level level) {
        return level.toInt() >= lowest;
    }

    @Override
    public boolean isTraceEnabled() {
        return isEnabled(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return isEnabled(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return isEnabled(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return isEnabled(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return isEnabled(Level.ERROR);
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level,
            @Nullable Marker marker,
            @Nullable String message,
            Object @Nullable [] arguments,
            @Nullable Throwable thrown) {
        String text = String.valueOf(MessageFormatter.basicArrayFormat(message, arguments));
        if (json) {
            System.out.println(JsonLine.of(level, name, text, MESSAGE_MAX, thrown));
            return;
        }
        StringBuilder line = new StringBuilder(160).append('[');
        appendTime(line, LocalDateTime.now(ZoneId.systemDefault()), ' ', ',');
        line.append("] ").append(level).append(' ');
        appendOneLine(line, text);
        line.append(" (").append(name).append(')');
        PrintStream out = System.out;
        synchronized (out) {
            out.println(line);
            if (thrown != null) {
                thrown.printStackTrace(out);
            }
        }
    }

    private static void appendOneLine(StringBuilder line, String message) {
        int length = Math.min(message.length(), MESSAGE_MAX);
        for (int i = 0; i < length; i++) {
            char c = message.charAt(i);
            line.append(Character.isISOControl(c) ? '?' : c);
        }
        if (length < message.length()) {
            line.append("... and ").append(message.length() - length).append(" more characters");
        }
    }

    /** The date, that character, and the time, with the other before the milliseconds. */
    static void appendTime(StringBuilder line, LocalDateTime time, char between, char beforeMillis) {
        number(line, time.getYear(), 4).append('-');
        number(line, time.getMonthValue(), 2).append('-');
        number(line, time.getDayOfMonth(), 2).append(between);
        number(line, time.getHour(), 2).append(':');
        number(line, time.getMinute(), 2).append(':');
        number(line, time.getSecond(), 2).append(beforeMillis);
        number(line, time.getNano() / 1_000_000, 3);
    }

    private static StringBuilder number(StringBuilder line, int value, int digits) {
        String text = Integer.toString(value);
        return line.append("0".repeat(Math.max(0, digits - text.length()))).append(text);
    }
}
