package io.gregor.compat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.awaitility.Awaitility;

/** Sends one request at a time, in any version, and reads the answer; with Apache Kafka's own message classes. */
public final class RawClient implements AutoCloseable {
    private static final int CORRELATION_ID = 99;
    /** The partition or the coordinator has no leader yet, loads, or is elsewhere. */
    private static final Pattern ASK_AGAIN = Pattern.compile("errorCode=(5|6|14|15|16)\\b");

    private final Socket socket;
    private final String clientId;

    public RawClient(int port) throws IOException {
        this(port, "raw");
    }

    /** @param clientId as which the client introduces itself */
    public RawClient(int port, String clientId) throws IOException {
        this.clientId = clientId;
        socket = new Socket("localhost", port);
        socket.setSoTimeout((int) GregorProcess.PATIENCE.toMillis());
        socket.setTcpNoDelay(true);
    }

    /**
     * The answer, which fills its frame to the last byte.
     *
     * @throws IOException if the connection is closed instead
     */
    public ApiMessage call(ApiKeys key, short version, ApiMessage request) throws IOException {
        send(key, version, request);
        return answer(key, version);
    }

    /**
     * The first answer that does not say that the partition or the coordinator is not there yet: nothing was done, and
     * the client is to ask again.
     */
    public ApiMessage callUntilThere(ApiKeys key, short version, ApiMessage request) {
        return Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> call(key, version, request),
                        answer -> !ASK_AGAIN.matcher(answer.toString()).find());
    }

    public void send(ApiKeys key, short version, ApiMessage request) throws IOException {
        send(frame(key, version, request, clientId));
    }

    /** Bytes as they are: frames with their lengths, or whatever else. */
    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** A request with its length and its header. */
    public static byte[] frame(ApiKeys key, short version, ApiMessage request, String clientId) {
        RequestHeaderData header = new RequestHeaderData()
                .setRequestApiKey(key.id)
                .setRequestApiVersion(version)
                .setCorrelationId(CORRELATION_ID)
                .setClientId(clientId);
        ByteBuffer head = MessageUtil.toByteBufferAccessor(header, key.requestHeaderVersion(version))
                .buffer();
        ByteBuffer body = MessageUtil.toByteBufferAccessor(request, version).buffer();
        ByteBuffer frame = ByteBuffer.allocate(4 + head.remaining() + body.remaining());
        frame.putInt(frame.capacity() - 4).put(head).put(body);
        return frame.array();
    }

    /** Whether some of an answer is there already. */
    public boolean hasAnswer() throws IOException {
        return socket.getInputStream().available() > 0;
    }

    /** The next answer as it comes, without its length. */
    public ByteBuffer answer() throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        return ByteBuffer.wrap(answer);
    }

    public ApiMessage answer(ApiKeys key, short version) throws IOException {
        ByteBufferAccessor bytes = new ByteBufferAccessor(answer());
        ResponseHeaderData responseHeader = new ResponseHeaderData(bytes, key.responseHeaderVersion(version));
        ApiMessage response = ApiMessageType.fromApiKey(key.id).newResponse();
        response.read(bytes, version);
        if (responseHeader.correlationId() != CORRELATION_ID || bytes.remaining() != 0) {
            throw new AssertionError(key + " version " + version + ": " + bytes.remaining() + " bytes too many");
        }
        return response;
    }

    /** Appends records to a partition, with acks=all. */
    public ProduceResponseData produce(short version, String topic, int partition, MemoryRecords records)
            throws IOException {
        TopicProduceData data = new TopicProduceData()
                .setName(topic)
                .setPartitionData(
                        List.of(new PartitionProduceData().setIndex(partition).setRecords(records)));
        ProduceRequestData request = new ProduceRequestData()
                .setAcks((short) -1)
                .setTimeoutMs(10_000)
                .setTopicData(new TopicProduceDataCollection(List.of(data).iterator()));
        return (ProduceResponseData) call(ApiKeys.PRODUCE, version, request);
    }

    /** Waits until there is a coordinator of groups (0) or transactions (1); asking for it makes it. */
    public void awaitCoordinator(byte type) {
        FindCoordinatorRequestData request =
                new FindCoordinatorRequestData().setKeyType(type).setCoordinatorKeys(List.of("x"));
        Awaitility.await().until(() -> {
            ApiMessage response = call(ApiKeys.FIND_COORDINATOR, (short) 4, request);
            return ((FindCoordinatorResponseData) response)
                            .coordinators()
                            .get(0)
                            .errorCode()
                    == 0;
        });
    }

    /** Ends the stream of requests, and waits until the broker has closed the connection in turn. */
    public void closeByBroker() throws IOException {
        socket.shutdownOutput();
        if (socket.getInputStream().read() != -1) {
            throw new IOException("The broker sent bytes that nobody asked for.");
        }
        close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
