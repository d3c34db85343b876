package io.gregor.compat.session;

import io.gregor.compat.KafkaProcess;
import io.gregor.compat.RawClient;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.protocol.ApiKeys;

/** Runs clients against Apache Kafka and keeps what they said to each other: {@code SessionRecorder LANGUAGE...}. */
final class SessionRecorder implements AutoCloseable {
    private final ServerSocket door = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    private final List<Session.Event> events = new ArrayList<>();
    private int connections;

    private SessionRecorder() throws IOException {}

    public static void main(String[] languages) throws Exception {
        for (String language : languages) {
            Path folder = Files.createTempDirectory("recorder");
            try (SessionRecorder recorder = new SessionRecorder();
                    KafkaProcess kafka = KafkaProcess.start(folder, recorder.settings());
                    RawClient coordinators = new RawClient(kafka.port())) {
                SessionReplay.makeReady(coordinators);
                Thread accepting = new Thread(() -> recorder.accept(kafka.port()));
                accepting.setDaemon(true);
                accepting.start();
                recorder.play(language);
                Session session = recorder.session();
                session.write(RecordedSessionsTest.FOLDER.resolve(language + ".gz"));
                System.out.println(language + ": " + session.events().size() + " frames");
            }
        }
    }

    private String[] settings() {
        List<String> settings = new ArrayList<>(SessionReplay.SETTINGS);
        settings.add("advertised.listeners=PLAINTEXT://localhost:" + door.getLocalPort());
        return settings.toArray(String[]::new);
    }

    private void play(String language) throws IOException, InterruptedException {
        ProcessBuilder clients = new ProcessBuilder(
                        Path.of("clients", language, "run").toAbsolutePath().toString())
                .inheritIO();
        clients.environment().put("BOOTSTRAP", "localhost:" + door.getLocalPort());
        // The session of a broker that stops is another one.
        clients.environment().put("RESTART", "true");
        if (clients.start().waitFor() != 0) {
            throw new IllegalStateException("the clients failed");
        }
    }

    private void accept(int port) {
        try {
            while (true) {
                Socket client = door.accept();
                Socket broker = new Socket("localhost", port);
                int number = connections++;
                pump(number, Session.Kind.REQUEST, client, broker);
                pump(number, Session.Kind.ANSWER, broker, client);
            }
        } catch (IOException closed) {
            // the recorder was closed
        }
    }

    private void pump(int number, Session.Kind kind, Socket from, Socket to) {
        Thread thread = new Thread(() -> {
            try (from;
                    to) {
                DataInputStream in = new DataInputStream(from.getInputStream());
                while (true) {
                    byte[] frame = new byte[in.readInt()];
                    in.readFully(frame);
                    add(new Session.Event(number, kind, frame));
                    ByteBuffer whole = ByteBuffer.allocate(frame.length + 4)
                            .putInt(frame.length)
                            .put(frame);
                    to.getOutputStream().write(whole.array());
                }
            } catch (IOException closed) {
                if (kind == Session.Kind.REQUEST) {
                    add(new Session.Event(number, Session.Kind.CLOSE, new byte[0]));
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private synchronized void add(Session.Event event) {
        events.add(event);
    }

    /** Without what the broker says to itself. */
    private synchronized Session session() {
        Set<Integer> ofTheBroker = events.stream()
                .filter(event -> event.kind() == Session.Kind.REQUEST)
                .filter(event -> isOfABroker(ByteBuffer.wrap(event.frame())))
                .map(Session.Event::connection)
                .collect(Collectors.toSet());
        return new Session(events.stream()
                .filter(event -> !ofTheBroker.contains(event.connection()))
                .toList());
    }

    private static boolean isOfABroker(ByteBuffer request) {
        short key = request.getShort(0);
        return key == ApiKeys.WRITE_TXN_MARKERS.id
                || key == ApiKeys.ADD_PARTITIONS_TO_TXN.id && request.getShort(2) > 3;
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
