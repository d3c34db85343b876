package io.gregor.compat.hostile;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * A frame from a seed, without its length, and what Apache Kafka's own classes make of it. Immutable.
 *
 * @param header null if they cannot read it, or would not serve it
 * @param request null if they cannot read it: then Apache Kafka closes the connection, and the broker may do so
 */
record HostileFrame(long seed, byte[] bytes, RequestHeader header, AbstractRequest request) {
    static HostileFrame of(long seed, List<ApiVersion> apis, Uuid topicId) {
        Random random = new Random(seed);
        ApiVersion api = apis.get(random.nextInt(apis.size()));
        int versions = api.maxVersion() - api.minVersion() + 1;
        boolean strange = random.nextInt(200) == 0;
        short version = (short) (strange ? random.nextInt(30) - 2 : api.minVersion() + random.nextInt(versions));
        ApiKeys key = ApiKeys.forId(api.apiKey());
        short known = (short) Math.max(key.oldestVersion(), Math.min(key.latestVersion(), version));
        byte[] bytes = new HostileRequests(seed, key, known, topicId).frame();
        if (strange && bytes.length > 3) {
            ByteBuffer.wrap(bytes).putShort(2, version);
        }
        return read(seed, bytes);
    }

    static HostileFrame read(long seed, byte[] bytes) {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            RequestHeader header = RequestHeader.parse(buffer);
            ApiKeys key = header.apiKey();
            if (!key.isVersionEnabled(header.apiVersion(), false)) {
                return new HostileFrame(seed, bytes, null, null);
            }
            AbstractRequest request =
                    AbstractRequest.parseRequest(key, header.apiVersion(), new ByteBufferAccessor(buffer)).request;
            return new HostileFrame(seed, bytes, header, request);
        } catch (RuntimeException e) {
            return new HostileFrame(seed, bytes, null, null);
        }
    }

    /** Whether Apache Kafka would read it, and so leave the connection open. */
    boolean isUnderstood() {
        return request != null;
    }

    /** Apache Kafka closes the connection where a batch that needs no answer is refused. */
    boolean mayClose() {
        return !isUnderstood() || !isAnswered();
    }

    boolean isAnswered() {
        return !(request instanceof ProduceRequest produce) || produce.acks() != 0;
    }

    /** Fails unless the answer is one to this request, down to its last byte. */
    void check(ByteBuffer answer) {
        AbstractResponse.parseResponse(answer, header);
        if (answer.hasRemaining()) {
            throw new IllegalStateException(answer.remaining() + " bytes behind the answer");
        }
    }

    @Override
    public String toString() {
        String hex = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 1_000));
        return "-Dfuzz.seed=" + seed + " -Dfuzz.frames=1, "
                + (header == null ? "not understood" : header.apiKey() + " version " + header.apiVersion()) + ", "
                + bytes.length + " bytes: " + hex;
    }
}
