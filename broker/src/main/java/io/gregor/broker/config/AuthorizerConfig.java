package io.gregor.broker.config;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who decides what clients may do. Immutable.
 *
 * @param superUsers who may do everything, as {@code type:name}
 * @param allowsIfNone whether everybody may do everything with what no ACL is about
 */
public record AuthorizerConfig(Set<String> superUsers, boolean allowsIfNone) {
    static final String KEY = "authorizer.class.name";
    static final String SUPER_USERS = "super.users";
    static final String ALLOWS_IF_NONE = "allow.everyone.if.no.acl.found";
    private static final String BY_ACLS = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

    /**
     * Null if there is no authorizer.
     *
     * @throws InvalidConfigException if it is one of other people's, or a super user is none
     */
    public static @Nullable AuthorizerConfig of(BrokerConfig config) {
        String name = config.string(KEY);
        if (name.isEmpty()) {
            return null;
        }
        if (!name.equals(BY_ACLS)) {
            throw new InvalidConfigException(
                    KEY + "=" + name + ": allowed is " + BY_ACLS + ", or none, since no other class is loaded");
        }
        return new AuthorizerConfig(
                superUsers(config.string(SUPER_USERS)), Boolean.parseBoolean(config.string(ALLOWS_IF_NONE)));
    }

    private static Set<String> superUsers(String value) {
        Set<String> users = new HashSet<>();
        for (String user : value.split(";", -1)) {
            String trimmed = user.trim();
            if (trimmed.isEmpty()) {
                continue;
            }
            int colon = trimmed.indexOf(':');
            if (colon < 1 || colon == trimmed.length() - 1) {
                throw new InvalidConfigException(
                        SUPER_USERS + "=" + value + ": allowed is User:name, and several with semicolons between them");
            }
            users.add(trimmed);
        }
        return Set.copyOf(users);
    }
}
