package io.gregor.cli.client;

import io.gregor.cli.security.ClientSecurity;
import io.gregor.cli.security.SaslExchange;
import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ApiVersionsRequest;
import io.gregor.wire.message.ApiVersionsResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.RequestHeader;
import io.gregor.wire.message.SaslAuthenticateRequest;
import io.gregor.wire.message.SaslAuthenticateResponse;
import io.gregor.wire.message.SaslHandshakeRequest;
import io.gregor.wire.message.SaslHandshakeResponse;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * A connection to one broker: one request at a time, and its answer. Confined to the main thread. An answer may have at
 * most {@value #ANSWER_BYTES_MAX} bytes.
 */
public final class Connection implements AutoCloseable {
    /** More comes from something that speaks no Kafka, such as a server for HTTP. */
    private static final int ANSWER_BYTES_MAX = 256 * 1024 * 1024;

    /** With it SaslAuthenticate carries what is said next. */
    private static final short HANDSHAKE_VERSION = 1;

    private static final String SOFTWARE = "gregor-cli";

    private final Address address;
    private final ClientSettings settings;
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final Map<Short, ApiVersionsResponse.ApiVersion> versions = new HashMap<>();
    private int correlationId;

    private Connection(Address address, ClientSettings settings, Socket socket) throws IOException {
        this.address = address;
        this.settings = settings;
        this.socket = socket;
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 * 1024));
        out = socket.getOutputStream();
    }

    /**
     * Connects, asks which versions the broker has, and logs in, if the client is to do so.
     *
     * @throws UnknownHostException if the name is not known
     * @throws IOException if there is no connection, or nothing on it that speaks Kafka's protocol
     * @throws BrokerException if the broker does not know the user
     */
    public static Connection open(Address address, ClientSettings settings) throws IOException {
        InetSocketAddress resolved = new InetSocketAddress(address.host(), address.port());
        if (resolved.isUnresolved()) {
            throw new UnknownHostException(address.host());
        }
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(resolved, settings.connectTimeoutMs());
            ClientSecurity security = settings.security();
            Socket safe = security.protect(socket, address.host(), address.port(), settings.requestTimeoutMs());
            Connection connection = new Connection(address, settings, safe);
            connection.negotiate();
            if (security.login() != null) {
                connection.authenticate(security.login());
            }
            return connection;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private void negotiate() throws IOException {
        short version = ApiKey.API_VERSIONS.highestVersion();
        ApiVersionsRequest request =
                new ApiVersionsRequest().clientSoftwareName(SOFTWARE).clientSoftwareVersion("0.1.0");
        ByteBuffer answer = exchange(ApiKey.API_VERSIONS, version, request, 0);
        boolean tooNew = answer.getShort(answer.position()) == ErrorCode.UNSUPPORTED_VERSION.code();
        if (tooNew) {
            // An old broker answers in version 0, and says which versions it has.
            version = 0;
            answer = exchange(ApiKey.API_VERSIONS, version, new ApiVersionsRequest(), 0);
        }
        ApiVersionsResponse response = ByteReader.readAll(new ApiVersionsResponse(), answer, version);
        BrokerException.throwIfError(response.errorCode(), null, address.toString());
        response.apiKeys().forEach(api -> versions.put(api.apiKey(), api));
    }

    private void authenticate(ClientSecurity.Login login) throws IOException {
        String what = address + ", " + login;
        SaslHandshakeResponse handshake = (SaslHandshakeResponse) call(
                ApiKey.SASL_HANDSHAKE, HANDSHAKE_VERSION, new SaslHandshakeRequest().mechanism(login.mechanism()), 0);
        if (handshake.errorCode() == ErrorCode.UNSUPPORTED_SASL_MECHANISM.code()) {
            throw new BrokerException(
                    what + ": the listener has " + handshake.mechanisms() + ", set sasl.mechanism to one of them",
                    ErrorCode.UNSUPPORTED_SASL_MECHANISM);
        }
        BrokerException.throwIfError(handshake.errorCode(), null, what);
        SaslExchange exchange = login.begin();
        short version = version(ApiKey.SASL_AUTHENTICATE);
        byte[] token = exchange.begin();
        while (token != null) {
            SaslAuthenticateResponse answer = (SaslAuthenticateResponse)
                    call(ApiKey.SASL_AUTHENTICATE, version, new SaslAuthenticateRequest().authBytes(token), 0);
            BrokerException.throwIfError(answer.errorCode(), answer.errorMessage(), what);
            token = exchange.next(answer.authBytes());
        }
    }

    /** How many APIs the broker has. */
    public int apis() {
        return versions.size();
    }

    /** The highest version of that API that the broker has, or -1 if it has none. */
    public int offered(ApiKey key) {
        ApiVersionsResponse.ApiVersion theirs = versions.get(key.id());
        return theirs == null ? -1 : theirs.maxVersion();
    }

    /** The highest version of that API which both sides have, or -1 if there is none. */
    public short version(ApiKey key) {
        ApiVersionsResponse.ApiVersion theirs = versions.get(key.id());
        if (theirs == null) {
            return -1;
        }
        short version = (short) Math.min(key.highestVersion(), theirs.maxVersion());
        return version < Math.max(key.lowestVersion(), theirs.minVersion()) ? -1 : version;
    }

    public Address address() {
        return address;
    }

    /**
     * Sends a request in that version and reads the answer.
     *
     * @param waitMs how long the broker may take besides, as the request says
     * @throws IOException if the connection breaks; it cannot be used again
     */
    public Message call(ApiKey key, short version, Message request, int waitMs) throws IOException {
        ByteBuffer answer = exchange(key, version, request, waitMs);
        try {
            return ByteReader.readAll(key.newResponse(), answer, version);
        } catch (MalformedMessageException e) {
            throw new IOException("an answer to " + key + " that cannot be read: " + e.getMessage(), e);
        }
    }

    /** Sends a request that has no answer. */
    public void send(ApiKey key, short version, Message request) throws IOException {
        MessageSink sink = new MessageSink(1024);
        sink.int32(0);
        new RequestHeader()
                .requestApiKey(key.id())
                .requestApiVersion(version)
                .correlationId(++correlationId)
                .clientId(settings.clientId())
                .write(sink, key.requestHeaderVersion(version));
        request.write(sink, version);
        ByteBuffer frame = sink.toBuffer();
        frame.putInt(0, frame.remaining() - 4);
        out.write(frame.array(), frame.arrayOffset(), frame.remaining());
        out.flush();
    }

    private ByteBuffer exchange(ApiKey key, short version, Message request, int waitMs) throws IOException {
        socket.setSoTimeout(settings.requestTimeoutMs() + waitMs);
        send(key, version, request);
        int size = in.readInt();
        if (size < 4 || size > ANSWER_BYTES_MAX) {
            throw new NoKafkaException("a frame of " + Integer.toUnsignedString(size) + " bytes: no Kafka there");
        }
        byte[] answer = in.readNBytes(size);
        if (answer.length < size) {
            throw new EOFException("the connection ended within an answer");
        }
        ByteBuffer buffer = ByteBuffer.wrap(answer);
        if (buffer.getInt() != correlationId) {
            throw new NoKafkaException("an answer to another request: no Kafka there");
        }
        if (key.responseHeaderVersion(version) > 0) {
            ByteReader header = new ByteReader(buffer);
            header.skipTaggedFields();
        }
        return buffer;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing is waited for on it any more.
            correlationId = -1;
        }
    }
}
