package io.gregor.compat.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.RawClient;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Frames by seed ({@link HostileRequests}) to the packaged broker with its usual heap, while a bystander is served. A
 * frame that Apache Kafka's own classes can read must be answered, with an answer that they can read; any other may
 * close the connection. The broker's log stays without stack traces, and its memory comes back.
 */
@Tag("once")
class FuzzTest {
    static final String TOPIC = "fuzz";

    private static final int FRAMES = Integer.getInteger("fuzz.frames", 20_000);
    private static final int PATIENCE_MS = Integer.getInteger("fuzz.patience", (int) GregorProcess.PATIENCE.toMillis());
    private static final String JVM_OPTIONS = System.getProperty("fuzz.jvm", "");
    private static final int PIPELINED = 24;
    private static final int CLIENTS = 3;
    private static final int SHOWN_MAX = 40;
    private static final long STARVED_FRAMES = 5_000;
    private static final long KEPT_BYTES_MAX = 24L << 20;

    /** ApiVersions, behind all others: whoever answers it has done with them. */
    private static final int LAST_CORRELATION_ID = 0x5eed5eed;

    private static final byte[] LAST = ByteBuffer.allocate(14)
            .putInt(10)
            .putShort((short) 18)
            .putShort((short) 0)
            .putInt(LAST_CORRELATION_ID)
            .putShort((short) -1)
            .array();

    /** The same frames in each build; {@code -Dfuzz.seed=random} takes others. */
    private final long base = seed(System.getProperty("fuzz.seed", "1"));

    private final AtomicLong next = new AtomicLong();
    private final Map<String, String> faults = new TreeMap<>();
    private List<ApiVersion> apis = List.of();
    private Uuid topicId = Uuid.ZERO_UUID;
    private GregorProcess broker;

    @Test
    void everyFrameIsAnsweredOrRefusedAndNobodyElseNotices(@TempDir Path folder) throws Exception {
        System.out.println("fuzz.seed=" + base + ", fuzz.frames=" + FRAMES);
        try (GregorProcess started = GregorProcess.startWith(JVM_OPTIONS, folder, "auto.create.topics.enable=false")) {
            broker = started;
            prepare();
            long before = started.liveBytes();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Thread client = new Thread(this::sendAll);
                client.setUncaughtExceptionHandler((thread, e) -> fault("a client ended: " + e, List.of()));
                client.start();
                clients.add(client);
            }
            long framesDuringARound = watch(clients);
            System.out.printf(
                    "%d frames, at most %d of them in a round of the bystander%n", FRAMES, framesDuringARound);
            List<String> complaints = complaints(started.output());
            complaints.forEach(System.out::println);
            assertThat(faults.values()).as("faults of frames from seed " + base).isEmpty();
            assertThat(next.get()).as("frames that were sent").isGreaterThanOrEqualTo(FRAMES);
            assertThat(complaints).as("log, frames from seed " + base).isEmpty();
            assertThat(framesDuringARound).as("frames before the bystander").isLessThan(STARVED_FRAMES);
            long kept = started.liveBytes() - before;
            System.out.println(kept + " bytes kept after a collection");
            assertThat(kept).as("memory kept").isLessThan(KEPT_BYTES_MAX);
        }
    }

    private static long seed(String given) {
        return given.equals("random") ? new Random().nextLong() >>> 20 : Long.parseLong(given);
    }

    /** The most frames that were taken in while the bystander waited for its answers. */
    private long watch(List<Thread> clients) throws Exception {
        Bystander bystander = new Bystander(broker.port());
        List<Long> nanos = new ArrayList<>();
        long most = 0;
        for (Thread client : clients) {
            while (client.isAlive()) {
                long before = next.get();
                long start = System.nanoTime();
                bystander.round();
                nanos.add(System.nanoTime() - start);
                most = Math.max(most, next.get() - before);
                client.join(5);
            }
        }
        nanos.sort(null);
        System.out.printf(
                "%d rounds of the bystander, p50 %.1f ms, p99 %.1f ms, at most %.1f ms%n",
                nanos.size(), millis(nanos, 50), millis(nanos, 99), millis(nanos, 100));
        return most;
    }

    private static double millis(List<Long> sortedNanos, int percent) {
        return sortedNanos.get((sortedNanos.size() - 1) * percent / 100) / 1e6;
    }

    private void prepare() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()));
                RawClient raw = new RawClient(broker.port())) {
            topicId = admin.createTopics(List.of(new NewTopic(TOPIC, 2, (short) 1), Bystander.TOPIC))
                    .topicId(TOPIC)
                    .get();
            raw.awaitCoordinator((byte) 0);
            raw.awaitCoordinator((byte) 1);
            apis = List.copyOf(
                    ((ApiVersionsResponseData) raw.call(ApiKeys.API_VERSIONS, (short) 0, new ApiVersionsRequestData()))
                            .apiKeys());
        }
    }

    /** Lines that say that something went wrong here, not with the client. */
    static List<String> complaints(String log) {
        return log.lines()
                .filter(line -> line.contains("] ERROR ") || line.startsWith("\tat ") || line.contains("Exception"))
                .limit(SHOWN_MAX)
                .toList();
    }

    private void sendAll() {
        List<HostileFrame> frames = take();
        while (!frames.isEmpty() && broker.isAlive()) {
            String fault = exchange(frames);
            if (fault != null) {
                // Which one was it? What does not show with any of them alone is told of all.
                long alone = frames.stream().filter(this::isAtFault).count();
                if (alone == 0) {
                    fault(fault + " not alone", frames);
                }
            }
            frames = take();
        }
        if (!frames.isEmpty()) {
            fault("the broker ended before", frames);
        }
    }

    private boolean isAtFault(HostileFrame frame) {
        String fault = exchange(List.of(frame));
        if (fault != null) {
            fault(fault, List.of(frame));
        }
        return fault != null;
    }

    /** What is wrong with the answers, or null. */
    private String exchange(List<HostileFrame> frames) {
        try (Socket socket = new Socket("localhost", broker.port())) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MS);
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            // A connection that is closed with bytes unread takes the answers along that are on their way.
            List<HostileFrame> answered =
                    frames.stream().filter(frame -> !frame.mayClose()).toList();
            send(socket, answered);
            for (HostileFrame frame : answered) {
                frame.check(answer(in));
            }
            for (HostileFrame frame : frames.subList(answered.size(), frames.size())) {
                send(socket, List.of(frame));
                socket.getOutputStream().write(LAST);
                receiveOrClosed(in, frame);
            }
            return null;
        } catch (SocketTimeoutException e) {
            return "not answered";
        } catch (IOException e) {
            return "closed: " + e;
        } catch (RuntimeException | AssertionError e) {
            return "a wrong answer: " + e;
        }
    }

    /** Some frames for a connection: whatever comes behind one that may close it would be lost. */
    private List<HostileFrame> take() {
        List<HostileFrame> frames = new ArrayList<>();
        while (frames.size() < PIPELINED) {
            long i = next.getAndIncrement();
            if (i >= FRAMES) {
                break;
            }
            HostileFrame frame = HostileFrame.of(base + i, apis, topicId);
            frames.add(frame);
            if (frame.mayClose()) {
                break;
            }
        }
        return frames;
    }

    private static void send(Socket socket, List<HostileFrame> frames) throws IOException {
        int length = frames.stream().mapToInt(frame -> 4 + frame.bytes().length).sum();
        ByteBuffer all = ByteBuffer.allocate(length);
        frames.forEach(frame -> all.putInt(frame.bytes().length).put(frame.bytes()));
        socket.getOutputStream().write(all.array());
    }

    private static void receiveOrClosed(DataInputStream in, HostileFrame frame) throws IOException {
        try {
            while (answer(in).getInt(0) != LAST_CORRELATION_ID) {
                assertThat(frame.isUnderstood()).isFalse();
            }
        } catch (EOFException | SocketException e) {
            // Closed, as it may be.
        }
    }

    private static ByteBuffer answer(DataInputStream in) throws IOException {
        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        return ByteBuffer.wrap(answer);
    }

    private synchronized void fault(String what, List<HostileFrame> frames) {
        String kind = frames.stream()
                .limit(1)
                .filter(first -> first.header() != null)
                .map(first -> what + " " + first.header().apiKey())
                .findFirst()
                .orElse(what);
        if (faults.size() < SHOWN_MAX && faults.putIfAbsent(kind, "\n" + kind + ": " + frames) == null) {
            System.out.println(kind + ": " + frames);
        }
    }
}
