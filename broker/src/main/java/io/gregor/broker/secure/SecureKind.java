package io.gregor.broker.secure;

import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.SecurityProtocol;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** With what clients of {@code --secure} say who they are. All of it goes through TLS. */
public enum SecureKind {
    /** A password, as it is. */
    PLAIN(SecurityProtocol.SASL_SSL),
    /** A password that the broker does not get to know. */
    SCRAM(SecurityProtocol.SASL_SSL),
    /** A certificate. */
    MTLS(SecurityProtocol.SSL);

    private static final String OPTION = "--secure";

    private final SecurityProtocol protocol;

    SecureKind(SecurityProtocol protocol) {
        this.protocol = protocol;
    }

    /**
     * What the option says; SCRAM if it says nothing.
     *
     * @throws InvalidConfigException if it says something else
     */
    public static SecureKind parse(String word) {
        if (word.equals(OPTION)) {
            return SCRAM;
        }
        for (SecureKind kind : values()) {
            if (word.equals(kind.option())) {
                return kind;
            }
        }
        String allowed = Arrays.stream(values()).map(SecureKind::option).collect(Collectors.joining(", "));
        throw new InvalidConfigException(word + ": allowed is " + OPTION + ", or one of " + allowed);
    }

    /** As it is given on the command line. */
    String option() {
        return OPTION + "=" + name().toLowerCase(Locale.ROOT);
    }

    /** Of its listeners. */
    SecurityProtocol protocol() {
        return protocol;
    }
}
