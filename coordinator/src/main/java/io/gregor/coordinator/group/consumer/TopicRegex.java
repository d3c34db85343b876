package io.gregor.coordinator.group.consumer;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.gregor.coordinator.runtime.ApiException;
import io.gregor.coordinator.runtime.LinearPattern;
import io.gregor.wire.message.ErrorCode;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Regular expressions of topics. Pure. */
final class TopicRegex {
    private static final Logger LOG = LoggerFactory.getLogger(TopicRegex.class);

    private TopicRegex() {}

    /** @throws ApiException INVALID_REGULAR_EXPRESSION */
    static void check(String regex) throws ApiException {
        try {
            LinearPattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new ApiException(
                    ErrorCode.INVALID_REGULAR_EXPRESSION,
                    "SubscribedTopicRegex `" + regex + "` is not a valid regular expression: " + e.getDescription()
                            + ".");
        }
    }

    /** Those topics whose whole name matches. */
    static Set<String> matches(String regex, Set<String> topics) {
        Set<String> found = new HashSet<>();
        Pattern pattern;
        try {
            pattern = LinearPattern.compile(regex);
        } catch (PatternSyntaxException e) {
            LOG.error("The regular expression '{}' of a loaded group matches nothing: {}", regex, e.getDescription());
            return found;
        }
        topics.stream().filter(topic -> pattern.matcher(topic).matches()).forEach(found::add);
        return found;
    }
}
