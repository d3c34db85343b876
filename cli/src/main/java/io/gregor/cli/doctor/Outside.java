package io.gregor.cli.doctor;

import io.gregor.cli.client.Address;
import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.ClientSettings;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Connection;
import io.gregor.cli.client.Time;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.SaslHandshakeRequest;
import io.gregor.wire.message.SaslHandshakeResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Why a client does not get to the brokers: names, ports, protocols, versions, addresses that are advertised. */
final class Outside {
    private final Report report;
    private final ClientSettings settings;
    private final Time time;

    Outside(Report report, ClientSettings settings, Time time) {
        this.report = report;
        this.settings = settings;
        this.time = time;
    }

    /** Whether the cluster can be used by way of that address. */
    boolean examine(Address address) {
        if (!isReachable(address, address.toString()) || !speaksKafka(address)) {
            return false;
        }
        Map<Integer, Address> brokers;
        try (Cluster cluster = new Cluster(settings.forLookingAt(address), time)) {
            cluster.metadata(List.of(), false);
            brokers = cluster.brokers();
            report.fine(address + ": cluster " + cluster.clusterId() + ", brokers: " + brokers.size());
        } catch (ClientException e) {
            report.fault(withoutMetadata(address, e));
            return false;
        }
        boolean all = true;
        for (Map.Entry<Integer, Address> broker : brokers.entrySet()) {
            if (!broker.getValue().equals(address)) {
                all &= isAdvertisedWell(broker.getKey(), broker.getValue(), address);
            }
        }
        return all;
    }

    private boolean isAdvertisedWell(int id, Address advertised, Address asked) {
        String name = advertised + " (as broker " + id + " is advertised)";
        if (isReachable(advertised, name)) {
            return true;
        }
        report.fault("clients that ask " + asked + " are sent to " + advertised + " and get no further from here:"
                + " set advertised.listeners of broker " + id + " to an address that clients can reach");
        return false;
    }

    private boolean isReachable(Address address, String name) {
        List<String> found = new ArrayList<>();
        try {
            for (InetAddress one : InetAddress.getAllByName(address.host())) {
                found.add(one.getHostAddress());
            }
        } catch (UnknownHostException e) {
            report.fault(name + ": the host name is not known here");
            return false;
        }
        List<String> failed = new ArrayList<>();
        for (String ip : found) {
            String why = connect(ip, address.port());
            if (why != null) {
                failed.add(ip + " (" + why + ")");
            }
        }
        if (failed.size() == found.size()) {
            report.fault(name + ": nothing listens at " + String.join(", ", failed));
            return false;
        }
        report.fine(name + " resolves to " + String.join(", ", found)
                + (failed.isEmpty() ? "" : ", of which do not answer: " + String.join(", ", failed)));
        return true;
    }

    private @Nullable String connect(String ip, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(ip, port),
                    settings.forLookingAt(new Address(ip, port)).connectTimeoutMs());
            return null;
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private boolean speaksKafka(Address address) {
        ClientSettings impatient = settings.forLookingAt(address);
        try (Connection connection = Connection.open(address, impatient)) {
            if (connection.version(ApiKey.METADATA) < 0 || connection.version(ApiKey.FETCH) < 0) {
                report.fault(address + " has no versions of Metadata and Fetch that are known here: a controller's"
                        + " listener, or a broker older than 0.11");
                return false;
            }
            report.fine(address + " speaks Kafka's protocol "
                    + (impatient.security().tls() == null ? "without" : "over") + " TLS, " + connection.apis()
                    + " APIs, Fetch up to" + " version " + connection.offered(ApiKey.FETCH));
            return true;
        } catch (IOException | ClientException e) {
            report.fault(
                    e instanceof BrokerException
                            ? String.valueOf(e.getMessage())
                            : address + ": " + otherProtocol(address, impatient, String.valueOf(e.getMessage())));
            return false;
        }
    }

    private static String otherProtocol(Address address, ClientSettings settings, String message) {
        PortProbe probe = new PortProbe(address, settings.requestTimeoutMs());
        if (probe.speaksTls() && settings.security().tls() != null) {
            return "the port speaks TLS, and the handshake with these settings fails (" + message + ")";
        }
        if (probe.speaksTls()) {
            return "the port speaks TLS: clients need security.protocol=SSL or SASL_SSL";
        }
        if (probe.speaksHttp()) {
            return "the port speaks HTTP, and not Kafka's protocol: it is another server's, or another listener's";
        }
        return "what answers there does not speak Kafka's protocol (" + message + ")";
    }

    /** A listener with SASL tells its versions to anybody, and closes the connection at the next request. */
    private String withoutMetadata(Address address, ClientException failed) {
        try (Connection connection = Connection.open(address, settings.forLookingAt(address))) {
            SaslHandshakeResponse answer = (SaslHandshakeResponse)
                    connection.call(ApiKey.SASL_HANDSHAKE, (short) 1, new SaslHandshakeRequest().mechanism("?"), 0);
            if (!answer.mechanisms().isEmpty()) {
                return address + " asks for SASL, with one of " + answer.mechanisms()
                        + ": clients need security.protocol=SASL_PLAINTEXT, and sasl.mechanism";
            }
        } catch (IOException e) {
            return address + ": tells its versions, and nothing else (" + failed.getMessage() + ")";
        } catch (BrokerException e) {
            return String.valueOf(e.getMessage());
        }
        return String.valueOf(failed.getMessage());
    }
}
