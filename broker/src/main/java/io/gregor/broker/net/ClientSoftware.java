package io.gregor.broker.net;

import java.util.regex.Pattern;

/** What a client says that it is (KIP-511). Immutable. Kept with its connection, so long ones are not. */
public record ClientSoftware(String name, String version) {
    private static final String NOT_SAID = "unknown";
    private static final int LONGEST = 255;
    private static final Pattern VALID = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

    /** Of a client that is too old to say it. */
    public static final ClientSoftware UNKNOWN = new ClientSoftware(NOT_SAID, NOT_SAID);

    /** This, or that nothing is known, if it is too long to be kept. */
    public ClientSoftware kept() {
        return name.length() > LONGEST || version.length() > LONGEST ? UNKNOWN : this;
    }

    /** Whether both look like such. */
    public boolean isValid() {
        return VALID.matcher(name).matches() && VALID.matcher(version).matches();
    }
}
