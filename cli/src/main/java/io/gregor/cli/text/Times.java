package io.gregor.cli.text;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as users write them. */
public final class Times {
    public static final String ALLOWED =
            "a time such as 2026-01-31T12:00:00Z, 2026-01-31, 15m (ago; s, m, h, d) or @MILLISECONDS";

    private static final Pattern AGO = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    private Times() {}

    /**
     * Milliseconds since 1970.
     *
     * @param nowMs from which times ago are counted
     * @throws IllegalArgumentException if the text is no time
     */
    public static long parse(String text, long nowMs) {
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            return nowMs - Long.parseLong(ago.group(1)) * unitMs(ago.group(2));
        }
        try {
            if (text.startsWith("@")) {
                return Long.parseLong(text.substring(1));
            }
            return instant(text).toEpochMilli();
        } catch (DateTimeException | NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException("allowed is " + ALLOWED, e);
        }
    }

    private static long unitMs(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            default -> 86_400_000;
        };
    }

    private static Instant instant(String text) {
        int time = text.indexOf('T');
        if (time < 0) {
            return LocalDate.parse(text).atStartOfDay(ZoneId.systemDefault()).toInstant();
        }
        boolean zoned = text.endsWith("Z") || text.indexOf('+', time) > 0 || text.indexOf('-', time) > 0;
        return zoned
                ? OffsetDateTime.parse(text).toInstant()
                : LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant();
    }
}
