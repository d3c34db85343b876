package io.gregor.compat.session;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.gregor.compat.Canonical;
import io.gregor.compat.RawClient;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.awaitility.Awaitility;

/**
 * Says to a broker what clients once said to Apache Kafka, in the same order, and compares the answers with those that
 * Apache Kafka gave. Ids that a broker chooses (of topics, members, fetch sessions) are learned from the answers and
 * put in place of the recorded ones.
 */
final class SessionReplay implements AutoCloseable {
    /** Errors of a moment, after which clients ask again: what was answered so is not asked here. */
    private static final Pattern OF_A_MOMENT = Pattern.compile("rrorCode=(5|6|14|15|16|51),");

    /** Other errors of which it is a matter of time who has them. */
    private static final Pattern OF_TIME = Pattern.compile("rrorCode=(3|27),");

    /** Of both brokers: what clients see does not depend on how long something takes. */
    static final List<String> SETTINGS =
            List.of("log.retention.ms=-1", "auto.create.topics.enable=true", "group.consumer.assignment.interval.ms=0");

    private static final Set<ApiKeys> OF_MEMBERS =
            Set.of(ApiKeys.JOIN_GROUP, ApiKeys.SYNC_GROUP, ApiKeys.LEAVE_GROUP, ApiKeys.CONSUMER_GROUP_HEARTBEAT);

    /** Enough for a broker that has nothing else to do to take in a request whose answer comes later. */
    private static final int TAKEN_IN_MS = 100;

    /** Two connections raced, and the broker took the later request first. */
    static final class NotAnsweredException extends IOException {
        private static final long serialVersionUID = 1;

        NotAnsweredException(String what, IOException cause) {
            super(what, cause);
        }
    }

    private static final int LONGEST_WAIT_MS = 30_000;

    /** Characters around a difference. */
    private static final int SHOWN = 300;

    private record Pending(ApiKeys key, short version, byte[] request) {
        @Override
        public String toString() {
            return key + " version " + version;
        }
    }

    private final int port;
    private final Map<Integer, Connection> connections = new HashMap<>();
    private final Map<Integer, Map<Integer, Pending>> pending = new HashMap<>();
    /** Bytes as recorded, as text, and as they are here. */
    private final Map<String, byte[]> ids = new HashMap<>();

    private final Map<Integer, Integer> fetchSessions = new HashMap<>();
    private final Map<String, String> differences = new TreeMap<>();
    private int answers;
    private int at;
    private int ofAMoment;
    private int ofTime;

    SessionReplay(int port) {
        this.port = port;
    }

    int answers() {
        return answers;
    }

    /** How many answers were not compared, because when they came decided. */
    int notCompared() {
        return ofAMoment + ofTime;
    }

    Map<String, String> differences() {
        return differences;
    }

    /** So that no client has to wait for coordinators, or for the first block of producer ids. */
    static void makeReady(RawClient client) {
        client.awaitCoordinator((byte) 0);
        client.awaitCoordinator((byte) 1);
        InitProducerIdRequestData request = new InitProducerIdRequestData().setTransactionalId(null);
        Awaitility.await().until(() -> {
            ApiMessage answer = client.call(ApiKeys.INIT_PRODUCER_ID, (short) 4, request);
            return ((InitProducerIdResponseData) answer).errorCode() == 0;
        });
    }

    void play(Session session) throws Exception {
        for (int i = 0; i < session.events().size(); i++) {
            Session.Event event = session.events().get(i);
            at = i;
            switch (event.kind()) {
                case REQUEST ->
                    request(
                            event,
                            session.events().subList(i + 1, session.events().size()));
                case ANSWER -> answer(event);
                case CLOSE -> closeConnection(event.connection());
            }
        }
    }

    private void request(Session.Event event, List<Session.Event> later) throws Exception {
        ByteBuffer frame = ByteBuffer.wrap(event.frame());
        ApiKeys key = ApiKeys.forId(frame.getShort(0));
        short version = frame.getShort(2);
        int correlation = frame.getInt(4);
        Pending asked = new Pending(key, version, event.frame());
        Optional<Session.Event> answer = later.stream()
                .filter(one -> one.connection() == event.connection() && one.kind() == Session.Kind.ANSWER)
                .filter(one -> ByteBuffer.wrap(one.frame()).getInt(0) == correlation)
                .findFirst();
        if (key != ApiKeys.API_VERSIONS && answer.isPresent()) {
            ApiMessage once = read(asked, answer.get().frame());
            if (has(OF_A_MOMENT, once)) {
                ofAMoment++;
                return;
            }
            if (once instanceof FetchResponseData fetched) {
                asked = new Pending(
                        key, version, fetch(event, version, batches(fetched).isEmpty()));
            }
        }
        asked = new Pending(key, version, withIdsOfHere(asked.request));
        Connection connection = connections.get(event.connection());
        if (connection == null) {
            connection = new Connection(port);
            connections.put(event.connection(), connection);
        }
        pending.computeIfAbsent(event.connection(), number -> new HashMap<>()).put(correlation, asked);
        connection.write(asked.request);
        if (OF_MEMBERS.contains(key) && later.indexOf(answer.orElse(null)) != 0) {
            connection.letTakeIn();
        }
    }

    /** One of the recorded connections, made again. */
    private static final class Connection implements AutoCloseable {
        private final Socket socket;
        private final PushbackInputStream in;

        Connection(int port) throws IOException {
            socket = new Socket("localhost", port);
            socket.setSoTimeout(LONGEST_WAIT_MS);
            socket.setTcpNoDelay(true);
            in = new PushbackInputStream(socket.getInputStream());
        }

        void write(byte[] frame) throws IOException {
            ByteBuffer whole =
                    ByteBuffer.allocate(frame.length + 4).putInt(frame.length).put(frame);
            socket.getOutputStream().write(whole.array());
        }

        byte[] read() throws IOException {
            DataInputStream data = new DataInputStream(in);
            byte[] frame = new byte[data.readInt()];
            data.readFully(frame);
            return frame;
        }

        /** Waits until the broker has taken in a request that it answers later, or has answered it already. */
        void letTakeIn() throws IOException {
            socket.setSoTimeout(TAKEN_IN_MS);
            try {
                int first = in.read();
                if (first >= 0) {
                    in.unread(first);
                }
            } catch (SocketTimeoutException later) {
                // as recorded
            }
            socket.setSoTimeout(LONGEST_WAIT_MS);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** In the session that is the recorded one's here; what once waited for nothing does not wait again. */
    private byte[] fetch(Session.Event event, short version, boolean forNothing) {
        ByteBufferAccessor in = new ByteBufferAccessor(ByteBuffer.wrap(event.frame()));
        RequestHeaderData header = new RequestHeaderData(in, ApiKeys.FETCH.requestHeaderVersion(version));
        FetchRequestData request = new FetchRequestData(in, version);
        request.setSessionId(fetchSessions.getOrDefault(request.sessionId(), request.sessionId()));
        if (forNothing) {
            request.setMaxWaitMs(0);
        }
        ByteBuffer head = MessageUtil.toByteBufferAccessor(header, ApiKeys.FETCH.requestHeaderVersion(version))
                .buffer();
        ByteBuffer body = MessageUtil.toByteBufferAccessor(request, version).buffer();
        return ByteBuffer.allocate(head.remaining() + body.remaining())
                .put(head)
                .put(body)
                .array();
    }

    private void answer(Session.Event event) throws Exception {
        int correlation = ByteBuffer.wrap(event.frame()).getInt(0);
        Pending asked =
                pending.getOrDefault(event.connection(), new HashMap<>()).remove(correlation);
        if (asked == null) {
            return;
        }
        byte[] frame = readFrame(event.connection(), asked);
        answers++;
        if (asked.key == ApiKeys.API_VERSIONS) {
            return;
        }
        ApiMessage theirs = read(asked, event.frame());
        AtomicReference<ApiMessage> answered = new AtomicReference<>(read(asked, frame));
        // As a client would: a transaction is not over yet, or a topic is being created.
        Awaitility.await().pollDelay(Duration.ZERO).until(() -> {
            boolean again = mustAskAgain(asked.key, theirs, answered.get());
            if (again) {
                connections.get(event.connection()).write(asked.request);
                answered.set(read(asked, readFrame(event.connection(), asked)));
            }
            return !again;
        });
        ApiMessage ours = answered.get();
        learn(theirs, ours);
        if (theirs instanceof MetadataResponseData their && ours instanceof MetadataResponseData our) {
            // Kafka's brokers learn a little later what was created or deleted.
            our.topics().removeIf(topic -> their.topics().find(topic.name()) == null);
        }
        ApiMessage expected = read(asked, withIdsOfHere(event.frame()));
        String their = Canonical.text(expected);
        String our = Canonical.text(ours);
        boolean raced = asked.key == ApiKeys.LIST_OFFSETS && isProducing(event)
                || expected instanceof FetchResponseData found && foundOthers(found, (FetchResponseData) ours);
        if (raced || has(OF_TIME, expected) != has(OF_TIME, ours)) {
            ofTime++;
        } else if (!their.equals(our)
                && !(ours instanceof FetchResponseData fetched && sameBatches((FetchResponseData) expected, fetched))) {
            int at = Math.max(0, Arrays.mismatch(their.toCharArray(), our.toCharArray()) - SHOWN);
            differences.putIfAbsent(
                    asked.toString(), "\n  Kafka:  " + excerpt(their, at) + "\n  Gregor: " + excerpt(our, at) + "\n");
        }
    }

    /** Whether others are producing, before or after whose records the last offset may be asked for. */
    private boolean isProducing(Session.Event event) {
        return pending.entrySet().stream()
                .filter(connection -> connection.getKey() != event.connection())
                .flatMap(connection -> connection.getValue().values().stream())
                .anyMatch(other -> other.key == ApiKeys.PRODUCE);
    }

    private static boolean mustAskAgain(ApiKeys key, ApiMessage theirs, ApiMessage ours)
            throws ReflectiveOperationException {
        return has(OF_A_MOMENT, ours) || key == ApiKeys.METADATA && has(OF_TIME, ours) && !has(OF_TIME, theirs);
    }

    private static String excerpt(String text, int from) {
        return text.substring(Math.min(from, text.length()), Math.min(from + 2 * SHOWN, text.length()));
    }

    private static boolean has(Pattern error, ApiMessage answer) throws ReflectiveOperationException {
        return error.matcher(Canonical.text(answer)).find();
    }

    private byte[] readFrame(int connection, Pending asked) throws NotAnsweredException {
        try {
            return connections.get(connection).read();
        } catch (IOException e) {
            throw new NotAnsweredException(asked + " was not answered: event " + at, e);
        }
    }

    private static ApiMessage read(Pending asked, byte[] frame) {
        ByteBufferAccessor in = new ByteBufferAccessor(ByteBuffer.wrap(frame));
        new ResponseHeaderData(in, asked.key.responseHeaderVersion(asked.version));
        ApiMessage response = ApiMessageType.fromApiKey(asked.key.id).newResponse();
        response.read(in, asked.version);
        if (in.remaining() != 0) {
            throw new AssertionError(asked + ": " + in.remaining() + " bytes too many");
        }
        return response;
    }

    /** By topic, partition and first offset. */
    private static Map<String, RecordBatch> batches(FetchResponseData response) {
        Map<String, RecordBatch> batches = new HashMap<>();
        response.responses()
                .forEach(topic -> topic.partitions().forEach(partition -> {
                    if (partition.records() instanceof MemoryRecords records) {
                        String place = topic.topic() + topic.topicId() + "-" + partition.partitionIndex() + "@";
                        records.batches().forEach(batch -> batches.put(place + batch.baseOffset(), batch));
                    }
                }));
        return batches;
    }

    /** Which batches a fetch finds that waits is a matter of time: nothing can be compared where they share none. */
    private static boolean foundOthers(FetchResponseData theirs, FetchResponseData ours) {
        return errors(theirs).equals(errors(ours))
                && batches(theirs).size() + batches(ours).size() > 0
                && Collections.disjoint(batches(theirs).keySet(), batches(ours).keySet());
    }

    private static Set<Short> errors(FetchResponseData response) {
        Set<Short> errors = new HashSet<>(Set.of(response.errorCode()));
        response.responses().forEach(topic -> topic.partitions().forEach(one -> errors.add(one.errorCode())));
        errors.remove((short) 0);
        return errors;
    }

    /** Whether batches that both give are the same. */
    private static boolean sameBatches(FetchResponseData theirs, FetchResponseData ours) {
        Map<String, RecordBatch> our = batches(ours);
        return errors(theirs).equals(errors(ours))
                && batches(theirs).entrySet().stream()
                        .filter(their -> our.containsKey(their.getKey()))
                        .allMatch(their -> same(their.getValue(), our.get(their.getKey())));
    }

    private static boolean same(RecordBatch their, RecordBatch our) {
        // The end of a transaction is written by the broker, with its own time.
        return their.isControlBatch()
                ? our.isControlBatch() && their.lastOffset() == our.lastOffset()
                : their.equals(our);
    }

    /** Finds the ids that are others here. */
    private void learn(ApiMessage theirs, ApiMessage ours) {
        if (theirs instanceof FetchResponseData their) {
            fetchSessions.put(their.sessionId(), ((FetchResponseData) ours).sessionId());
        } else if (theirs instanceof JoinGroupResponseData their) {
            learn(
                    their.memberId().getBytes(UTF_8),
                    ((JoinGroupResponseData) ours).memberId().getBytes(UTF_8));
        } else if (theirs instanceof MetadataResponseData their) {
            their.topics().stream()
                    .filter(topic -> topic.name() != null)
                    .forEach(topic -> Optional.ofNullable(
                                    ((MetadataResponseData) ours).topics().find(topic.name()))
                            .ifPresent(here -> learn(bytes(topic.topicId()), bytes(here.topicId()))));
        } else if (theirs instanceof CreateTopicsResponseData their) {
            their.topics()
                    .forEach(topic -> Optional.ofNullable(
                                    ((CreateTopicsResponseData) ours).topics().find(topic.name()))
                            .ifPresent(here -> learn(bytes(topic.topicId()), bytes(here.topicId()))));
        }
    }

    private void learn(byte[] theirs, byte[] ours) {
        if (!Arrays.equals(theirs, ours) && theirs.length == ours.length && theirs.length >= Long.BYTES * 2) {
            ids.put(new String(theirs, ISO_8859_1), ours);
        }
    }

    private static byte[] bytes(Uuid id) {
        return ByteBuffer.allocate(Long.BYTES * 2)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    private byte[] withIdsOfHere(byte[] recorded) {
        byte[] bytes = recorded;
        for (Map.Entry<String, byte[]> id : ids.entrySet()) {
            bytes = replace(bytes, id.getKey().getBytes(ISO_8859_1), id.getValue());
        }
        return bytes;
    }

    private static byte[] replace(byte[] bytes, byte[] what, byte[] with) {
        byte[] result = bytes.clone();
        for (int i = 0; i + what.length <= bytes.length; i++) {
            if (bytes[i] == what[0] && Arrays.equals(bytes, i, i + what.length, what, 0, what.length)) {
                System.arraycopy(with, 0, result, i, with.length);
            }
        }
        return result;
    }

    private void closeConnection(int number) throws IOException {
        Connection connection = connections.remove(number);
        if (connection != null) {
            connection.close();
        }
    }

    @Override
    public void close() throws IOException {
        for (Integer number : List.copyOf(connections.keySet())) {
            closeConnection(number);
        }
    }
}
