package io.gregor.compat.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.Tool;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Crc32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile bytes: each gets Kafka's error or a closed connection, and nobody else notices. */
@Tag("once")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTest {
    private static final short PRODUCE_VERSION = 9;
    private static final String TOPIC = "bad-input";

    private final GregorProcess broker;
    private Socket bystander;
    private long memoryBefore;

    BadInputTest(@TempDir Path folder) throws Exception {
        broker = GregorProcess.start(folder);
        Tool.kafka(
                        "org.apache.kafka.tools.TopicCommand",
                        "--bootstrap-server",
                        broker.address(),
                        "--create",
                        "--topic",
                        TOPIC)
                .run()
                .assertOk();
    }

    @AfterAll
    void stop() throws Exception {
        broker.close();
    }

    @BeforeEach
    void someoneElseIsConnected() throws Exception {
        bystander = connect();
        memoryBefore = residentKb();
    }

    @AfterEach
    void nobodyElseNotices() throws Exception {
        assertThat(answersApiVersions(bystander)).isTrue();
        bystander.close();
        assertThat(broker.isAlive()).isTrue();
        assertThat(residentKb() - memoryBefore).as("memory grown, KB").isLessThan(60_000);
    }

    @Test
    void garbageClosesTheConnection() throws Exception {
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            byte[] garbage = new byte[1 + random.nextInt(500)];
            random.nextBytes(garbage);
            try (Socket socket = connect()) {
                socket.getOutputStream().write(garbage);
                socket.shutdownOutput();
                assertThat(isClosed(socket)).isTrue();
            }
        }
        try (Socket socket = connect()) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            assertThat(isClosed(socket)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 104857601, 0, 7})
    void anImpossibleFrameLengthClosesTheConnection(int length) throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write(ByteBuffer.allocate(20).putInt(length).array());
            assertThat(isClosed(socket)).isTrue();
        }
    }

    @Test
    void aFrameThatIsAnnouncedButNotSentTakesNoMemory() throws Exception {
        Socket[] sockets = new Socket[50];
        for (int i = 0; i < sockets.length; i++) {
            sockets[i] = connect();
            sockets[i]
                    .getOutputStream()
                    .write(ByteBuffer.allocate(8).putInt(100_000_000).putInt(0).array());
        }
        assertThat(answersApiVersions(bystander)).isTrue();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 999, 32767, 4, 67})
    void anUnknownApiClosesTheConnection(int key) throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(header((short) key, (short) 0));
            assertThat(isClosed(socket)).isTrue();
        }
    }

    @Test
    void anUnsupportedVersionClosesTheConnection() throws Exception {
        for (int[] api : new int[][] {{0, 2}, {0, 14}, {1, 3}, {3, 99}, {3, -1}}) {
            try (Socket socket = connect()) {
                socket.getOutputStream().write(header((short) api[0], (short) api[1]));
                assertThat(isClosed(socket)).isTrue();
            }
        }
    }

    @Test
    void apiVersionsOfTheFutureIsAnsweredInVersionZero() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(header((short) 18, (short) 77));
            ByteBuffer answer = receive(socket);
            assertThat(answer.getInt()).isEqualTo(5);
            assertThat(answer.getShort()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
            assertThat(answer.getInt()).isEqualTo(1);
            assertThat(answer.getShort()).isEqualTo((short) 18);
            assertThat(answersApiVersions(socket)).isTrue();
        }
    }

    @Test
    void aTruncatedBodyClosesTheConnection() throws Exception {
        byte[] whole = frame(produce(batch(CompressionType.NONE, 10)));
        for (int length = 12; length < whole.length - 4; length += 7) {
            ByteBuffer truncated =
                    ByteBuffer.allocate(length + 4).putInt(length).put(whole, 4, length);
            try (Socket socket = connect()) {
                socket.getOutputStream().write(truncated.array());
                assertThat(isClosed(socket)).isTrue();
            }
        }
    }

    @Test
    void aRequestThatWouldFillTheHeapClosesTheConnection() throws Exception {
        int names = 20_000_000;
        ByteBuffer metadata = ByteBuffer.allocate(4 + 14 + names * 2);
        metadata.putInt(14 + names * 2)
                .putShort((short) 3)
                .putShort((short) 1)
                .putInt(5)
                .putShort((short) -1)
                .putInt(names);
        try (Socket socket = connect()) {
            socket.getOutputStream().write(metadata.array());
            assertThat(isClosed(socket)).isTrue();
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    @Test
    void aWrongChecksumIsRefused() throws Exception {
        ByteBuffer batch = batch(CompressionType.NONE, 10);
        batch.put(70, (byte) (batch.get(70) + 1));
        assertThat(error(batch)).isEqualTo(Errors.CORRUPT_MESSAGE);
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void aRecordCountThatLiesIsRefused(CompressionType compression) throws Exception {
        for (int lie : new int[] {0, -1, 9, 11, Integer.MAX_VALUE}) {
            ByteBuffer batch = batch(compression, 10);
            batch.putInt(57, lie);
            assertThat(error(sealed(batch))).isEqualTo(Errors.INVALID_RECORD);
            batch.putInt(57, lie).putInt(23, lie - 1);
            assertThat(error(sealed(batch))).isEqualTo(Errors.INVALID_RECORD);
        }
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void damagedRecordsAreRefused(CompressionType compression) throws Exception {
        Random random = new Random(compression.id);
        for (int i = 0; i < 100; i++) {
            ByteBuffer batch = batch(compression, 50);
            for (int j = 0; j < 20; j++) {
                batch.put(61 + random.nextInt(batch.limit() - 61), (byte) random.nextInt());
            }
            error(sealed(batch));
        }
        assertThat(error(batch(compression, 10))).isEqualTo(Errors.NONE);
    }

    @Test
    void aBatchBeyondTheLimitIsRefused() throws Exception {
        ByteBuffer batch = MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[1_048_588]))
                .buffer();
        assertThat(error(batch)).isEqualTo(Errors.MESSAGE_TOO_LARGE);
    }

    @Test
    void aBatchThatExpandsWithoutEndIsRefusedOrSurvived() throws Exception {
        for (CompressionType compression : List.of(CompressionType.GZIP, CompressionType.ZSTD, CompressionType.LZ4)) {
            ByteBuffer batch = MemoryRecords.withRecords(
                            Compression.of(compression).build(), new SimpleRecord(new byte[200_000_000]))
                    .buffer();
            Errors error = error(batch);
            assertThat(error).isIn(Errors.NONE, Errors.MESSAGE_TOO_LARGE, Errors.INVALID_RECORD);
        }
    }

    @Test
    void batchesWithFieldsThatClientsMayNotSetAreRefused() throws Exception {
        assertThat(error(changed(batch -> batch.putShort(21, (short) 0x20)))).isEqualTo(Errors.INVALID_RECORD);
        assertThat(error(changed(batch -> batch.putLong(0, 5)))).isEqualTo(Errors.INVALID_RECORD);
        assertThat(error(changed(batch -> batch.putLong(43, 7).putInt(53, -1)))).isEqualTo(Errors.INVALID_RECORD);
        assertThat(error(changed(batch -> batch.put(16, (byte) 1)))).isEqualTo(Errors.INVALID_RECORD);
        assertThat(error(changed(batch -> batch.putInt(8, 3)))).isEqualTo(Errors.CORRUPT_MESSAGE);
        assertThat(error(ByteBuffer.allocate(0))).isEqualTo(Errors.INVALID_RECORD);
        assertThat(error(ByteBuffer.allocate(20))).isIn(Errors.INVALID_RECORD, Errors.CORRUPT_MESSAGE);
    }

    private static ByteBuffer changed(Consumer<ByteBuffer> change) {
        ByteBuffer batch = batch(CompressionType.NONE, 1);
        change.accept(batch);
        return batch.getInt(8) > 61 ? sealed(batch) : batch;
    }

    private static ByteBuffer batch(CompressionType compression, int records) {
        SimpleRecord[] all = new SimpleRecord[records];
        for (int i = 0; i < records; i++) {
            all[i] = new SimpleRecord(1, ("key" + i).getBytes(StandardCharsets.UTF_8), new byte[100]);
        }
        return MemoryRecords.withRecords(Compression.of(compression).build(), all)
                .buffer();
    }

    /** The same batch with the checksum that its bytes have now. */
    private static ByteBuffer sealed(ByteBuffer batch) {
        batch.putInt(17, (int) Crc32C.compute(batch, 21, batch.limit() - 21));
        return batch;
    }

    private static ProduceRequestData produce(ByteBuffer records) {
        ProduceRequestData.TopicProduceDataCollection topics = new ProduceRequestData.TopicProduceDataCollection();
        topics.add(new ProduceRequestData.TopicProduceData()
                .setName(TOPIC)
                .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()
                        .setRecords(MemoryRecords.readableRecords(records)))));
        return new ProduceRequestData().setAcks((short) 1).setTimeoutMs(1000).setTopicData(topics);
    }

    private static byte[] frame(ProduceRequestData request) {
        RequestHeaderData header = new RequestHeaderData()
                .setRequestApiKey((short) 0)
                .setRequestApiVersion(PRODUCE_VERSION)
                .setCorrelationId(5)
                .setClientId("bad");
        ByteBuffer head = MessageUtil.toByteBufferAccessor(header, (short) 2).buffer();
        ByteBuffer body =
                MessageUtil.toByteBufferAccessor(request, PRODUCE_VERSION).buffer();
        int length = head.remaining() + body.remaining();
        return ByteBuffer.allocate(4 + length)
                .putInt(length)
                .put(head)
                .put(body)
                .array();
    }

    private Errors error(ByteBuffer batch) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(frame(produce(batch)));
            ByteBuffer answer = receive(socket);
            ProduceResponseData response = new ProduceResponseData();
            response.read(new ByteBufferAccessor(answer.position(5)), PRODUCE_VERSION);
            return Errors.forCode(response.responses()
                    .iterator()
                    .next()
                    .partitionResponses()
                    .get(0)
                    .errorCode());
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("localhost", broker.port());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static byte[] header(short key, short version) {
        return ByteBuffer.allocate(20)
                .putInt(16)
                .putShort(key)
                .putShort(version)
                .putInt(5)
                .putShort((short) -1)
                .array();
    }

    private static boolean answersApiVersions(Socket socket) throws IOException {
        socket.getOutputStream()
                .write(ByteBuffer.allocate(14)
                        .putInt(10)
                        .putShort((short) 18)
                        .putShort((short) 0)
                        .putInt(5)
                        .putShort((short) -1)
                        .array());
        ByteBuffer answer = receive(socket);
        return answer.getInt() == 5 && answer.getShort() == 0;
    }

    private static ByteBuffer receive(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        return ByteBuffer.wrap(answer);
    }

    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    private long residentKb() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + broker.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no VmRSS");
    }
}
