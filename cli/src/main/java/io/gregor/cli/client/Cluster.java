package io.gregor.cli.client;

import io.gregor.wire.Message;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.MetadataRequest;
import io.gregor.wire.message.MetadataResponse;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The brokers of a cluster, each with a connection from its first use on. Confined to the main thread. What fails for a
 * reason that may pass is tried again by {@link #retrying}, for as long as the settings say.
 */
public final class Cluster implements AutoCloseable {
    /** Versions from which on topics have ids in place of names: names are all that a user gives. */
    private static final Map<ApiKey, Integer> LAST_WITH_NAMES =
            Map.of(ApiKey.PRODUCE, 12, ApiKey.FETCH, 12, ApiKey.OFFSET_COMMIT, 9, ApiKey.OFFSET_FETCH, 9);

    /** A broker may not know yet of a topic that another one has created. */
    private static final long JUST_CREATED_MS = 1_000;

    private static final long BACKOFF_MAX_MS = 1_000;
    private static final int BACKOFF_DOUBLINGS_MAX = 10;

    private final ClientSettings settings;
    private final Time time;
    private final Map<Address, Connection> connections = new HashMap<>();
    private Map<Integer, Address> brokers = new TreeMap<>();
    private int controller = -1;
    private boolean everReached;
    private boolean retrying;
    private String clusterId = "";

    public Cluster(ClientSettings settings, Time time) {
        this.settings = settings;
        this.time = time;
    }

    public ClientSettings settings() {
        return settings;
    }

    public Time time() {
        return time;
    }

    /** Brokers by id, as the last metadata named them. */
    public Map<Integer, Address> brokers() {
        return brokers;
    }

    public String clusterId() {
        return clusterId;
    }

    public int controller() {
        return controller;
    }

    /**
     * Tries again what fails for a reason that may pass, for as long as that is worth it. What is tried again within
     * has no time of its own.
     *
     * @throws ClientException with how often it was tried, if it was more than once
     */
    public <T> T retrying(Supplier<T> operation) {
        if (retrying) {
            return operation.get();
        }
        retrying = true;
        long startMs = time.nowMs();
        try {
            for (int tries = 1; ; tries++) {
                try {
                    return operation.get();
                } catch (ClientException e) {
                    long elapsedMs = time.nowMs() - startMs;
                    if (elapsedMs >= patienceMs(e)) {
                        throw tries > 1 && e.isRetriable() ? e.after(tries, elapsedMs) : e;
                    }
                    forgetIfWrong(e);
                    time.pause(backoffMs(tries));
                }
            }
        } finally {
            retrying = false;
        }
    }

    /** How long it is worth to try again what has failed like this; 0 if not at all. */
    public long patienceMs(ClientException e) {
        // Nothing of the cluster was ever reached: whoever waits for that finds out nothing.
        if (e instanceof UnreachableException && !everReached) {
            return 0;
        }
        if (e instanceof BrokerException answered && answered.code() == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
            return Math.min(JUST_CREATED_MS, settings.apiTimeoutMs());
        }
        return e.isRetriable() ? settings.apiTimeoutMs() : 0;
    }

    /** How long to wait after so many tries. */
    public long backoffMs(int tries) {
        long backoffMs = (long) settings.retryBackoffMs() << Math.min(tries - 1, BACKOFF_DOUBLINGS_MAX);
        return Math.min(backoffMs, Math.max(BACKOFF_MAX_MS, settings.retryBackoffMs()));
    }

    /** Asks anew who is the controller, where another one has become it. */
    private void forgetIfWrong(ClientException e) {
        if (e instanceof BrokerException answered && answered.code() == ErrorCode.NOT_CONTROLLER) {
            brokers = new TreeMap<>();
        }
    }

    /**
     * The cluster's brokers and these topics; null for all topics.
     *
     * @param create whether the broker may create them, if it creates topics by their use
     */
    public MetadataResponse metadata(@Nullable List<String> topics, boolean create) {
        List<MetadataRequest.MetadataRequestTopic> wanted = topics == null ? null : new ArrayList<>();
        if (wanted != null && topics != null) {
            topics.forEach(name -> wanted.add(new MetadataRequest.MetadataRequestTopic().name(name)));
        }
        MetadataResponse response = any(
                ApiKey.METADATA,
                new MetadataRequest().topics(wanted).allowAutoTopicCreation(create),
                MetadataResponse.class);
        Map<Integer, Address> found = new TreeMap<>();
        response.brokers().forEach(broker -> found.put(broker.nodeId(), new Address(broker.host(), broker.port())));
        brokers = found;
        everReached = true;
        controller = response.controllerId();
        clusterId = response.clusterId() == null ? "" : response.clusterId();
        return response;
    }

    /** Asks the first broker that can be reached. */
    public <M extends Message> M any(ApiKey key, Message request, Class<M> type) {
        Set<Address> candidates = new LinkedHashSet<>(connections.keySet());
        candidates.addAll(settings.bootstrap());
        candidates.addAll(brokers.values());
        UnreachableException last = null;
        for (Address candidate : candidates) {
            try {
                return at(candidate, key, request, 0, type);
            } catch (UnreachableException e) {
                last = last == null ? e : last;
            }
        }
        throw last == null ? new ClientException("no broker is named") : last;
    }

    /** Asks the broker that the cluster's metadata name as the controller; in KRaft it passes the request on. */
    public <M extends Message> M controller(ApiKey key, Message request, Class<M> type) {
        if (brokers.isEmpty()) {
            metadata(List.of(), false);
        }
        try {
            Address address = brokers.get(controller);
            return address == null ? any(key, request, type) : at(address, key, request, 0, type);
        } catch (UnreachableException e) {
            brokers = new TreeMap<>();
            throw e;
        }
    }

    /** Asks one broker by its id. */
    public <M extends Message> M broker(int id, ApiKey key, Message request, int waitMs, Class<M> type) {
        if (!brokers.containsKey(id)) {
            metadata(List.of(), false);
        }
        Address address = brokers.get(id);
        if (address == null) {
            throw notThere(id);
        }
        try {
            return at(address, key, request, waitMs, type);
        } catch (UnreachableException e) {
            // It may be elsewhere by now.
            brokers = new TreeMap<>(brokers);
            brokers.remove(id);
            throw settings.bootstrap().contains(address) ? e : advertised(id, address, e);
        }
    }

    private static BrokerException notThere(int id) {
        return new BrokerException(
                "broker " + id + " is not there (BROKER_NOT_AVAILABLE)", ErrorCode.BROKER_NOT_AVAILABLE);
    }

    private static UnreachableException advertised(int id, Address address, UnreachableException e) {
        return new UnreachableException("broker " + id + " is advertised as " + address + ": " + e.getMessage(), e);
    }

    /** The highest version of that API which the brokers that are connected have, or -1 if they have none. */
    public int version(ApiKey key) {
        if (connections.isEmpty()) {
            retrying(() -> metadata(List.of(), false));
        }
        return connections.values().stream()
                .mapToInt(connection -> connection.version(key))
                .min()
                .orElse(-1);
    }

    /** @throws ClientException if the brokers that are connected do not have that API */
    public void require(ApiKey key) {
        if (version(key) < 0) {
            throw new ClientException("the brokers have no " + key + " in a version that is known here");
        }
    }

    /** Asks the broker at that address. */
    public <M extends Message> M at(Address address, ApiKey key, Message request, int waitMs, Class<M> type) {
        try {
            Connection connection = connect(address);
            return type.cast(connection.call(key, version(connection, key), request, waitMs));
        } catch (IOException e) {
            throw broken(address, e);
        }
    }

    private UnreachableException broken(Address address, IOException e) {
        Connection broken = connections.remove(address);
        if (broken != null) {
            broken.close();
        }
        return new UnreachableException(explain(address, e), e);
    }

    /** Sends the broker with that id a request that has no answer. */
    public void send(int id, ApiKey key, Message request) {
        Address address = brokers.get(id);
        if (address == null) {
            throw notThere(id);
        }
        try {
            Connection connection = connect(address);
            connection.send(key, version(connection, key), request);
        } catch (IOException e) {
            throw broken(address, e);
        }
    }

    private Connection connect(Address address) throws IOException {
        Connection connection = connections.get(address);
        if (connection == null) {
            connection = Connection.open(address, settings);
            connections.put(address, connection);
        }
        return connection;
    }

    private static short version(Connection connection, ApiKey key) {
        short version = connection.version(key);
        if (version < 0) {
            throw new ClientException(
                    "the broker at " + connection.address() + " has no " + key + " in a version that is known here");
        }
        return (short) Math.min(version, LAST_WITH_NAMES.getOrDefault(key, (int) version));
    }

    private static String explain(Address address, IOException e) {
        if (e instanceof UnknownHostException) {
            return address + ": the host name is not known";
        }
        if (e instanceof ConnectException) {
            return address + ": nothing listens there (" + e.getMessage() + ")";
        }
        if (e instanceof SocketTimeoutException) {
            return address + ": no answer in time";
        }
        if (e instanceof NoKafkaException) {
            return address + ": " + e.getMessage();
        }
        String why = e.getMessage() == null ? "the broker closed the connection" : e.getMessage();
        return address + ": " + why + "; gregor doctor " + address + " says more";
    }

    @Override
    public void close() {
        connections.values().forEach(Connection::close);
    }
}
