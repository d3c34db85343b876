package io.gregor.broker.security.sasl;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message of SCRAM (RFC 5802, section 7) as a client sends it: attributes of one letter, and extensions. Immutable.
 *
 * @param text the attributes as they came, without a header
 * @param actsFor whom the client wants to be, as it came, with its escapes: Apache Kafka leaves them, too
 */
record ScramMessage(String text, @Nullable String actsFor, Map<String, String> attributes) {
    private static final String NO_CHANNEL_BINDING = "n,";
    private static final String ACTS_FOR = "a=";
    private static final int BASE_64_GROUP = 4;

    /** The first message of a client, or null if it is none. */
    static @Nullable ScramMessage first(byte[] token) {
        String all = text(token);
        int end =
                all == null || !all.startsWith(NO_CHANNEL_BINDING) ? -1 : all.indexOf(',', NO_CHANNEL_BINDING.length());
        if (all == null || end < 0) {
            return null;
        }
        String header = all.substring(NO_CHANNEL_BINDING.length(), end);
        boolean named = header.startsWith(ACTS_FOR) && name(header.substring(2)) != null;
        String actsFor = named ? header.substring(2) : header.isEmpty() ? "" : null;
        ScramMessage message = parse(all.substring(end + 1), actsFor, "n", "r");
        return actsFor == null || message == null || name(message.attribute("n")) == null ? null : message;
    }

    /** The last message of a client, or null if it is none. */
    static @Nullable ScramMessage last(byte[] token) {
        String all = text(token);
        ScramMessage message = all == null ? null : parse(all, "", "c", "r");
        return message == null || message.bytes("c") == null || message.bytes("p") == null ? null : message;
    }

    private static @Nullable ScramMessage parse(String text, @Nullable String actsFor, String first, String second) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            boolean inOrder = attributes.isEmpty()
                    ? part.startsWith(first + "=")
                    : attributes.size() > 1 || part.startsWith(second + "=");
            if (equals < 1 || equals == part.length() - 1 || !inOrder || !isName(part.substring(0, equals))) {
                return null;
            }
            attributes.put(part.substring(0, equals), part.substring(equals + 1));
        }
        return attributes.size() < 2 || !isPrintable(attributes.getOrDefault(second, ""))
                ? null
                : new ScramMessage(text, actsFor, attributes);
    }

    private static boolean isPrintable(String text) {
        return text.chars().allMatch(letter -> letter > ' ' && letter <= '~');
    }

    private static boolean isName(String text) {
        return text.chars().allMatch(letter -> letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z');
    }

    /** Messages are ASCII; null if this is not. */
    private static @Nullable String text(byte[] token) {
        for (byte one : token) {
            if (one <= 0) {
                return null;
            }
        }
        return new String(token, StandardCharsets.US_ASCII);
    }

    /** A name without its escapes, or null if it is not escaped as it must be. */
    private static @Nullable String name(String escaped) {
        String without = escaped.replace("=2C", "").replace("=3D", "");
        return escaped.isEmpty() || without.contains("=")
                ? null
                : escaped.replace("=2C", ",").replace("=3D", "=");
    }

    String attribute(String letter) {
        return attributes.getOrDefault(letter, "");
    }

    /** What an attribute says in base 64, or null if it is none, or not padded. */
    byte @Nullable [] bytes(String letter) {
        String encoded = attribute(letter);
        try {
            return encoded.isEmpty() || encoded.length() % BASE_64_GROUP != 0
                    ? null
                    : Base64.getDecoder().decode(encoded);
        } catch (IllegalArgumentException e) {
            // It is somebody's mistake or attack, and answered as such.
            return null;
        }
    }

    /** The name of the user. */
    String user() {
        String name = name(attribute("n"));
        return name == null ? "" : name;
    }

    String nonce() {
        return attribute("r");
    }

    /** The text before the proof, which is the last attribute; null if it is not. */
    @Nullable
    String withoutProof() {
        int proof = text.lastIndexOf(",p=");
        return proof < 0 || text.indexOf(',', proof + 1) >= 0 ? null : text.substring(0, proof);
    }
}
