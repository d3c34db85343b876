package io.gregor.coordinator.runtime;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Regular expressions that clients write, in the syntax of RE2: matching takes time linear to the text. What is nested
 * too deep, or grows too large once its repetitions are written out, is refused before it can do harm; Apache Kafka
 * tries it. Pure.
 */
public final class LinearPattern {
    private static final int DEEPEST = 500;
    private static final long LARGEST = 100_000;

    private LinearPattern() {}

    /** @throws PatternSyntaxException if it is none, or too large */
    public static Pattern compile(String regex) {
        if (isTooLarge(regex)) {
            throw new PatternSyntaxException("it is too large", regex);
        }
        return Pattern.compile(regex);
    }

    /** Counts what the expression is made of, each repetition as often as it may happen; never less than there is. */
    private static boolean isTooLarge(String regex) {
        Deque<Long> outer = new ArrayDeque<>();
        long size = 0;
        long last = 0;
        for (int i = 0; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c == '(') {
                outer.push(size);
                size = 0;
                last = 0;
            } else if (c == ')' && !outer.isEmpty()) {
                last = size + 1;
                size = outer.pop() + last;
            } else if (c == '{') {
                long times = times(regex, i);
                size += last * (times - 1);
                last *= times;
            } else {
                i += c == '\\' ? 1 : 0;
                last = 1;
                size++;
            }
            if (outer.size() > DEEPEST || size > LARGEST) {
                return true;
            }
        }
        return false;
    }

    /** How often what stands before the brace may be repeated; once if the brace stands for itself. */
    private static long times(String regex, int brace) {
        long most = 1;
        long number = 0;
        for (int i = brace + 1; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c >= '0' && c <= '9') {
                number = Math.min(LARGEST, number * 10 + c - '0');
            } else if (c == ',') {
                most = Math.max(most, number);
                number = 0;
            } else {
                return c == '}' ? Math.max(most, number) : 1;
            }
        }
        return 1;
    }
}
