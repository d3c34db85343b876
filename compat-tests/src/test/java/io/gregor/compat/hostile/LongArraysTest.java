package io.gregor.compat.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.RawClient;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
 * Every API with each of its arrays long ({@link LongArrays}), to the packaged broker: each request is answered, others
 * are served meanwhile, and the log stays without errors. Prints what took longest: work that is quadratic in the
 * length stands out with {@code -Darrays.length=100000}.
 */
@Tag("once")
class LongArraysTest {
    static final String TOPIC = "long";

    private static final int LENGTH = Integer.getInteger("arrays.length", 10_000);
    private static final String JVM_OPTIONS = System.getProperty("arrays.jvm", "");
    private static final int CORRELATION_ID = 7;
    private static final int SHOWN = 12;

    private record Took(String what, long ms) {}

    private final List<Took> took = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();

    @Test
    void everyLongArrayIsAnswered(@TempDir Path folder) throws Exception {
        try (GregorProcess broker = GregorProcess.startWith(JVM_OPTIONS, folder, "auto.create.topics.enable=false")) {
            Uuid topicId;
            List<ApiVersion> apis;
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()));
                    RawClient raw = new RawClient(broker.port())) {
                topicId = admin.createTopics(List.of(new NewTopic(TOPIC, 2, (short) 1), Bystander.TOPIC))
                        .topicId(TOPIC)
                        .get();
                raw.awaitCoordinator((byte) 0);
                raw.awaitCoordinator((byte) 1);
                apis = List.copyOf(((ApiVersionsResponseData)
                                raw.call(ApiKeys.API_VERSIONS, (short) 0, new ApiVersionsRequestData()))
                        .apiKeys());
            }
            for (ApiVersion api : apis) {
                for (String path : LongArrays.paths(ApiKeys.forId(api.apiKey()), api.maxVersion())) {
                    for (LongArrays.Elements elements : LongArrays.Elements.values()) {
                        attack(broker, api, path, elements, topicId);
                    }
                }
            }
            took.sort(Comparator.comparingLong(Took::ms).reversed());
            took.stream().limit(SHOWN).forEach(System.out::println);
            assertThat(faults).isEmpty();
            assertThat(FuzzTest.complaints(broker.output())).isEmpty();
        }
    }

    private void attack(GregorProcess broker, ApiVersion api, String path, LongArrays.Elements elements, Uuid topicId)
            throws Exception {
        ApiKeys key = ApiKeys.forId(api.apiKey());
        byte[] bytes = new LongArrays(key, api.maxVersion(), path, LENGTH, elements, topicId).frame(CORRELATION_ID);
        // Apache Kafka's own classes take quadratic time for elements that are all the same, and for their answers.
        byte[] few = new LongArrays(key, api.maxVersion(), path, 2, elements, topicId).frame(CORRELATION_ID);
        HostileFrame frame = HostileFrame.read(0, few);
        long begun = System.nanoTime();
        Bystander bystander = new Bystander(broker.port());
        try (Socket socket = new Socket("localhost", broker.port())) {
            socket.setSoTimeout((int) GregorProcess.PATIENCE.toMillis());
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
            out.writeInt(bytes.length);
            out.write(bytes);
            out.flush();
            bystander.round();
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            byte[] answer = new byte[in.readInt()];
            in.readFully(answer);
            assertThat(ByteBuffer.wrap(answer).getInt()).isEqualTo(CORRELATION_ID);
        } catch (IOException e) {
            if (!frame.mayClose()) {
                faults.add(key + " " + path + " " + elements + ": " + e);
            }
        }
        bystander.round();
        long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        took.add(new Took(key + " " + path + " " + elements, ms));
    }
}
