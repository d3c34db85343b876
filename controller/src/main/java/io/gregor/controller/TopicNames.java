package io.gregor.controller;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a topic may be called, in Kafka's words. */
public final class TopicNames {
    public static final String OFFSETS = "__consumer_offsets";
    public static final String TRANSACTIONS = "__transaction_state";
    public static final String SHARE_STATE = "__share_group_state";
    public static final String METADATA = "__cluster_metadata";

    private static final int LONGEST = 249;
    private static final Set<String> INTERNAL = Set.of(OFFSETS, TRANSACTIONS, SHARE_STATE);

    private TopicNames() {}

    public static boolean isInternal(String name) {
        return INTERNAL.contains(name);
    }

    /** Why no topic can have that name, or null if one can. */
    public static @Nullable String objection(String name) {
        String reason = null;
        if (name.isEmpty()) {
            reason = "the empty string is not allowed";
        } else if (name.equals(".") || name.equals("..")) {
            reason = "'" + name + "' is not allowed";
        } else if (name.length() > LONGEST) {
            reason = "the length of '" + name + "' is longer than the max allowed length " + LONGEST;
        } else if (!name.chars().allMatch(TopicNames::isAllowed)) {
            reason = "'" + name + "' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'";
        }
        return reason == null ? null : "Topic name is invalid: " + reason;
    }

    private static boolean isAllowed(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-';
    }

    /** Names that differ only here would have the same name in metrics. */
    public static String collisionForm(String name) {
        return name.replace('.', '_');
    }
}
