package io.gregor.broker.net;

import java.util.regex.Pattern;

/** What a client says that it is (KIP-511). */
public record ClientSoftware(String name, String version) {
    private static final String NOT_SAID = "unknown";
    private static final Pattern VALID = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

    /** Of a client that is too old to say it. */
    public static final ClientSoftware UNKNOWN = new ClientSoftware(NOT_SAID, NOT_SAID);

    /** Whether both look like such. */
    public boolean isValid() {
        return VALID.matcher(name).matches() && VALID.matcher(version).matches();
    }
}
