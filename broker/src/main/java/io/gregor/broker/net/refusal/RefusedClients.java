package io.gregor.broker.net.refusal;

import io.gregor.broker.config.SecurityProtocol;
import io.gregor.wire.message.ApiKey;
import io.netty.buffer.ByteBuf;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Says in the log which clients one listener cannot serve, why, and what helps. Thread-safe. At most one line a minute
 * for each cause, with the number of those that were left out: such clients try again as fast as they can. Of all of
 * them no more than one line a cause is remembered.
 */
public final class RefusedClients {
    private static final long INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int NAME_MAX = 100;
    private static final int REASONS_MAX = 100;
    private static final int CLIENT_ID_AT = 8;
    private static final int TLS_HANDSHAKE = 0x1603;
    private static final String CLOSING = "Closing the connection from ";
    private static final String SET = "set security.protocol=";

    private enum Cause {
        HTTP,
        TLS,
        FRAME,
        NO_TLS,
        TLS_FAILED,
        SASL,
        NO_SASL,
        TOO_OLD,
        TOO_NEW,
        UNKNOWN_API,
        MALFORMED,
        OTHER
    }

    /** What is left out since the last line of a cause. */
    private static final class Silence {
        private long begunNanos;
        private int left;
        private String last = "";
    }

    private final String listener;
    private final SecurityProtocol protocol;
    private final LongSupplier nanoTime;
    private final Consumer<String> log;
    /** By causes, and by reasons, as long as these are few. */
    private final Map<Object, Silence> silences = new HashMap<>();

    /**
     * @param listener its name
     * @param nanoTime as {@link System#nanoTime}
     * @param log gets the lines
     */
    public RefusedClients(String listener, SecurityProtocol protocol, LongSupplier nanoTime, Consumer<String> log) {
        this.listener = listener;
        this.protocol = protocol;
        this.nanoTime = nanoTime;
        this.log = log;
    }

    /**
     * What should be the length of a frame is none.
     *
     * @param length its four bytes
     * @param key the setting that allows no more than that maximum
     */
    public void badLength(SocketAddress client, int length, String key, int max) {
        if (isHttp(length)) {
            String text = "it speaks HTTP, and listener " + listener + " Kafka's protocol:"
                    + " a browser, a probe or a proxy has the wrong port";
            closing(Cause.HTTP, client, text);
        } else if (length >>> 16 == TLS_HANDSHAKE) {
            closing(Cause.TLS, client, "it speaks TLS, and listener " + listener + " does not: " + remedy());
        } else {
            closing(Cause.FRAME, client, "a frame of " + length + " bytes, " + key + " allows " + max);
        }
    }

    private static boolean isHttp(int length) {
        return switch (length) {
            case 0x47455420, // GET
                    0x48454144, // HEAD
                    0x504f5354, // POST
                    0x50555420, // PUT
                    0x4f505449, // OPTIONS
                    0x44454c45, // DELETE
                    0x434f4e4e, // CONNECT
                    0x50415443, // PATCH
                    0x50524920 -> // the preface of HTTP/2
                true;
            default -> false;
        };
    }

    /** It sends something else where TLS begins. */
    public void withoutTls(SocketAddress client) {
        closing(Cause.NO_TLS, client, "it does not speak TLS, and listener " + listener + " does: " + remedy());
    }

    /** Its handshake failed. */
    public void tlsFailed(SocketAddress client, @Nullable String why) {
        closing(Cause.TLS_FAILED, client, "TLS failed, " + shortened(why));
    }

    /** It wants to authenticate, which nobody can here. */
    public void asksForSasl(SocketAddress client, String clientId) {
        say(
                Cause.SASL,
                "Client '" + shortened(clientId) + "' from " + client + " asks for SASL, which listener " + listener
                        + " does not have: " + remedy());
    }

    /** It asks for something before it has authenticated. */
    public void withoutSasl(SocketAddress client, ApiKey api) {
        closing(
                Cause.NO_SASL,
                client,
                "it asks for " + api + " and has not authenticated, as listener " + listener + " wants it: " + remedy()
                        + ", and sasl.mechanism and sasl.jaas.config");
    }

    /** It asks in a version that is not answered, those from the lowest to the highest are. */
    public void badVersion(SocketAddress client, ByteBuf frame, ApiKey api, int version, int lowest, int highest) {
        boolean old = version < lowest;
        closing(
                old ? Cause.TOO_OLD : Cause.TOO_NEW,
                client,
                "client '" + clientId(frame) + "' asks for " + api + " in version " + version + ", and versions "
                        + lowest + " to " + highest + " are answered, as by Apache Kafka 4: "
                        + (old
                                ? "it is too old, update it"
                                : "it has to ask with ApiVersions what is answered, and does not"));
    }

    /** It asks for an API that is not there. */
    public void unknownApi(SocketAddress client, ByteBuf frame, int id) {
        closing(
                Cause.UNKNOWN_API,
                client,
                "client '" + clientId(frame) + "' asks for the API with the key " + id + ", which is not supported");
    }

    /** It sends what is no request. */
    public void malformed(SocketAddress client, ByteBuf frame, @Nullable String why) {
        closing(
                Cause.MALFORMED,
                client,
                "client '" + clientId(frame) + "' sends a malformed request: " + shortened(why));
    }

    /** Its connection ends for another reason; each reason has lines of its own, as long as they are few. */
    public synchronized void ended(SocketAddress client, String reason) {
        boolean known = silences.containsKey(reason) || silences.size() < REASONS_MAX;
        say(known ? reason : Cause.OTHER, CLOSING + client + ": " + reason);
    }

    /** Tells of those that were left out and not told of since; to be called now and then. */
    public synchronized void tellOfOthers() {
        long now = nanoTime.getAsLong();
        silences.values().forEach(silence -> {
            if (silence.left > 0 && now - silence.begunNanos >= INTERVAL_NANOS) {
                silence.left--;
                tell(silence, silence.last, now);
            }
        });
    }

    private String remedy() {
        return SET + protocol + " in the client";
    }

    private void closing(Cause cause, SocketAddress client, String reason) {
        say(cause, CLOSING + client + ": " + reason);
    }

    private synchronized void say(Object cause, String line) {
        long now = nanoTime.getAsLong();
        Silence silence = silences.get(cause);
        if (silence == null) {
            silence = new Silence();
            silences.put(cause, silence);
        } else if (now - silence.begunNanos < INTERVAL_NANOS) {
            silence.left++;
            silence.last = line;
            return;
        }
        tell(silence, line, now);
    }

    private void tell(Silence silence, String line, long now) {
        log.accept(silence.left == 0 ? line : line + " (" + silence.left + " more like this since the last line)");
        silence.begunNanos = now;
        silence.left = 0;
        silence.last = "";
    }

    /** From the header of a request, in whatever version, as far as it can be read. */
    private static String clientId(ByteBuf frame) {
        int at = frame.readerIndex() + CLIENT_ID_AT;
        int length = frame.readableBytes() < CLIENT_ID_AT + 2 ? -1 : frame.getShort(at);
        return length < 0 || length > frame.readableBytes() - CLIENT_ID_AT - 2
                ? ""
                : shortened(frame.toString(at + 2, length, StandardCharsets.UTF_8));
    }

    private static String shortened(@Nullable String text) {
        String known = String.valueOf(text);
        return known.length() > NAME_MAX ? known.substring(0, NAME_MAX) + "..." : known;
    }
}
