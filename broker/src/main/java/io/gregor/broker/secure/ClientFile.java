package io.gregor.broker.secure;

import io.gregor.broker.config.Listener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a client that is the user of {@code --secure}, for Apache Kafka's own clients and tools. Immutable.
 *
 * @param address what clients are told of the broker
 * @param authority the file with the authority's certificate; null: the broker's certificate is of another one
 * @param certificate the file with the client's certificate and its key, for the kind that has one
 */
record ClientFile(
        SecureKind kind,
        Listener address,
        @Nullable Path authority,
        Path certificate,
        @Nullable String password) {

    /** As {@link java.util.Properties} reads it, in which a backslash begins an escape. */
    String content() {
        List<String> lines = new ArrayList<>(List.of(
                "# Made by gregor start " + kind.option() + ", and again at each start.",
                "# Whoever can read this may do everything with the broker."));
        settings().forEach((key, value) -> lines.add(key + "=" + escaped(value)));
        return String.join("\n", lines) + "\n";
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("bootstrap.servers", address.toString().substring((address.name() + "://").length()));
        settings.put("security.protocol", kind.protocol().name());
        if (authority != null) {
            settings.put("ssl.truststore.type", "PEM");
            settings.put("ssl.truststore.location", authority.toString());
        }
        switch (kind) {
            case PLAIN -> putPassword(settings, "PLAIN", SecureProfile.PLAIN_MODULE);
            case SCRAM -> putPassword(settings, SecureProfile.SCRAM, SecureProfile.SCRAM_MODULE);
            case MTLS -> {
                settings.put("ssl.keystore.type", "PEM");
                settings.put("ssl.keystore.location", certificate.toString());
            }
        }
        return settings;
    }

    private void putPassword(Map<String, String> settings, String mechanism, String module) {
        settings.put("sasl.mechanism", mechanism);
        settings.put(
                "sasl.jaas.config", module + " username=\"" + SecureProfile.USER + "\" password=\"" + password + "\";");
    }

    private static String escaped(String value) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\') {
                text.append("\\\\");
            } else if (c < ' ' || c > '~') {
                text.append("\\u%04x".formatted((int) c));
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }
}
