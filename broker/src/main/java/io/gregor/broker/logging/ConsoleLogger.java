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
 * Writes a line a message: {@code [time] LEVEL message (class)}, as Kafka does. Its level is that of {@link LogLevels}.
 * Thread-safe.
 */
final class ConsoleLogger extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1L;

    private volatile int lowest;

    ConsoleLogger(String name) {
        this.name = name;
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
        StringBuilder line = new StringBuilder(160).append('[');
        appendTime(line, LocalDateTime.now(ZoneId.systemDefault()));
        line.append("] ").append(level).append(' ');
        line.append(MessageFormatter.basicArrayFormat(message, arguments));
        line.append(" (").append(name).append(')');
        PrintStream out = System.out;
        synchronized (out) {
            out.println(line);
            if (thrown != null) {
                thrown.printStackTrace(out);
            }
        }
    }

    private static void appendTime(StringBuilder line, LocalDateTime time) {
        number(line, time.getYear(), 4).append('-');
        number(line, time.getMonthValue(), 2).append('-');
        number(line, time.getDayOfMonth(), 2).append(' ');
        number(line, time.getHour(), 2).append(':');
        number(line, time.getMinute(), 2).append(':');
        number(line, time.getSecond(), 2).append(',');
        number(line, time.getNano() / 1_000_000, 3);
    }

    private static StringBuilder number(StringBuilder line, int value, int digits) {
        String text = Integer.toString(value);
        return line.append("0".repeat(Math.max(0, digits - text.length()))).append(text);
    }
}
