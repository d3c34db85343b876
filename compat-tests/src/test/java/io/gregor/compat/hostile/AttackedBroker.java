package io.gregor.compat.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.RawClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.awaitility.Awaitility;

/**
 * A broker with a heap of 64 MB, and what holds whatever clients do to it: others are served meanwhile, it lives, it
 * logs no stack trace, and what it needed for requests and answers is free again afterwards.
 */
final class AttackedBroker implements AutoCloseable {
    static final int HEAP_BYTES = 64 << 20;

    private static final int ROUNDS_MIN = 5;
    private static final int ROUND_EACH_MS = 20;

    /** What requests and answers take while they are under way, by the purpose's name. */
    private static final List<String> IN_FLIGHT = List.of("frames", "requests", "answers");

    /** Of the heap, what all that lasts may take at most, by its shares. */
    private static final double LASTING = 0.45;

    private static final Pattern PAGE = Pattern.compile("HTTP://(localhost:\\d+/metrics)");
    private static final Pattern USED = Pattern.compile("gregor_memory_used_bytes\\{purpose=\"([^\"]+)\"} (\\S+)");

    private final GregorProcess process;
    private final ExecutorService attackers = Executors.newCachedThreadPool();
    private final long liveBefore;
    private final List<String> expectedInLog = new ArrayList<>();

    private AttackedBroker(GregorProcess process) throws Exception {
        this.process = process;
        create(Bystander.TOPIC);
        new Bystander(port()).round();
        page();
        liveBefore = process.liveBytes();
    }

    static AttackedBroker start(Path folder, String... overrides) throws Exception {
        String[] all = Stream.concat(Stream.of("gregor.metrics.listener=HTTP://localhost:0"), Stream.of(overrides))
                .toArray(String[]::new);
        return new AttackedBroker(GregorProcess.startWith("-Xmx" + (HEAP_BYTES >> 20) + "m", folder, all));
    }

    int port() {
        return process.port();
    }

    Path data() {
        return process.data();
    }

    String output() throws IOException {
        return process.output();
    }

    void create(NewTopic... topics) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", process.address()))) {
            admin.createTopics(List.of(topics)).all().get();
        }
    }

    /** A line with this text is no fault: the broker says what it goes on without. */
    void expectInLog(String text) {
        expectedInLog.add(text);
    }

    /** Stops in order, and starts again on the same data. */
    void restart() throws Exception {
        process.stop();
        process.startAgain();
        new Bystander(port()).round();
    }

    /** The answer; null if the connection is closed instead. Others are served before the client reads it. */
    ApiMessage attack(ApiKeys api, short version, ApiMessage request) throws Exception {
        return attackAtOnce(api, version, List.of(request)).get(0);
    }

    /** One request on each of as many connections. */
    List<ApiMessage> attackAtOnce(ApiKeys api, short version, List<? extends ApiMessage> requests) throws Exception {
        List<Callable<ApiMessage>> all = new ArrayList<>();
        for (ApiMessage request : requests) {
            all.add(() -> {
                try (RawClient client = new RawClient(port())) {
                    return client.call(api, version, request);
                } catch (IOException e) {
                    return null;
                }
            });
        }
        return whileOthersAreServed(all);
    }

    <T> T whileOthersAreServed(Callable<T> attack) throws Exception {
        return whileOthersAreServed(List.of(attack)).get(0);
    }

    <T> List<T> whileOthersAreServed(List<Callable<T>> attacks) throws Exception {
        List<Future<T>> futures = new ArrayList<>();
        attacks.forEach(attack -> futures.add(attackers.submit(attack)));
        Bystander bystander = new Bystander(port());
        for (int i = 0; i < ROUNDS_MIN; i++) {
            bystander.round();
        }
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
            while (!isDone(future)) {
                bystander.round();
            }
            results.add(future.get());
        }
        bystander.round();
        return results;
    }

    private static boolean isDone(Future<?> future) throws InterruptedException, ExecutionException {
        try {
            future.get(ROUND_EACH_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** To be called when the clients of an attack are gone. */
    void assertUnharmed() throws Exception {
        assertThat(process.isAlive()).as("alive").isTrue();
        Awaitility.await()
                .untilAsserted(() -> assertThat(used())
                        .as("bytes for what is under way")
                        .allSatisfy((purpose, bytes) -> assertThat(!IN_FLIGHT.contains(purpose) || bytes == 0)
                                .as(purpose + ": " + bytes)
                                .isTrue()));
        assertThat(process.liveBytes())
                .as("bytes alive on the heap")
                .isLessThan(liveBefore + (long) (HEAP_BYTES * LASTING));
        assertThat(FuzzTest.complaints(process.output()))
                .filteredOn(line -> expectedInLog.stream().noneMatch(line::contains))
                .isEmpty();
    }

    /** What each purpose has of the memory, in bytes, as the page of metrics says. */
    private Map<String, Double> used() throws Exception {
        Map<String, Double> used = new HashMap<>();
        Matcher line = USED.matcher(page());
        while (line.find()) {
            used.put(line.group(1), Double.parseDouble(line.group(2)));
        }
        assertThat(used).containsKeys(IN_FLIGHT.toArray(String[]::new));
        return used;
    }

    private String page() throws Exception {
        Matcher address = PAGE.matcher(process.output());
        assertThat(address.find()).isTrue();
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://" + address.group(1))).build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** Without a look at its files: Apache Kafka's tool would expand in memory what is there. */
    @Override
    public void close() throws Exception {
        attackers.shutdownNow();
        process.stop();
    }
}
