package io.gregor.coordinator.group.consumer;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.gregor.coordinator.runtime.Refused;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Regular expressions of topics, in the syntax of RE2: matching takes time linear to a name. What is nested too deep,
 * or grows too large once its repetitions are written out, is refused before it can do harm; Apache Kafka tries it.
 */
final class TopicRegex {
    private static final Logger LOG = LoggerFactory.getLogger(TopicRegex.class);
    private static final int DEEPEST = 500;
    private static final long LARGEST = 100_000;

    private TopicRegex() {}

    /** @throws Refused INVALID_REGULAR_EXPRESSION */
    static void check(String regex) throws Refused {
        String objection = objection(regex);
        if (objection != null) {
            throw new Refused(
                    ErrorCode.INVALID_REGULAR_EXPRESSION,
                    "SubscribedTopicRegex `" + regex + "` is not a valid regular expression: " + objection + ".");
        }
    }

    private static @Nullable String objection(String regex) {
        if (isTooLarge(regex)) {
            return "it is too large";
        }
        try {
            Pattern.compile(regex);
            return null;
        } catch (PatternSyntaxException e) {
            return e.getDescription();
        }
    }

    /** Those topics whose whole name matches. */
    static Set<String> matches(String regex, Set<String> topics) {
        Set<String> found = new HashSet<>();
        String objection = objection(regex);
        if (objection != null) {
            LOG.error("The regular expression '{}' of a loaded group matches nothing: {}", regex, objection);
            return found;
        }
        Pattern pattern = Pattern.compile(regex);
        topics.stream().filter(topic -> pattern.matcher(topic).matches()).forEach(found::add);
        return found;
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
