package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.Ports;
import io.gregor.compat.RawClient;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResourceCollection;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfigCollection;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Under each limit of connections, Gregor serves, closes and keeps waiting those that Apache Kafka does. */
@Tag("once")
class ConnectionLimitsTest {
    private static final String HERE = "127.0.0.1";
    private static final String MARKER = "log.flush.interval.messages";

    /** What no limit can be set to. */
    private static final List<List<String>> BAD = List.of(
            List.of("max.connections", "-1"),
            List.of("max.connections", "0"),
            List.of("listener.name.external.max.connections", "0"),
            List.of("listener.name.other.max.connections", "0"),
            List.of("max.connection.creation.rate", "0"),
            List.of("listener.name.external.max.connection.creation.rate", "0"),
            List.of("max.connections.per.ip", "0"),
            List.of("max.connections.per.ip", "-1"),
            List.of("max.connections.per.ip.overrides", "x"),
            List.of("max.connections.per.ip.overrides", "127.0.0.1:x"),
            List.of("max.connections.per.ip.overrides", "a b:1"),
            List.of("max.connections.per.ip.overrides", "127.0.0.1:-1"),
            List.of("max.connections.per.ip.overrides", "127.0.0.1: 7 , ::1:8"));

    @TempDir
    Path folder;

    @Test
    void connectionsAreLimitedAsByApacheKafka() throws Exception {
        List<Integer> theirPorts = ports();
        List<Integer> ourPorts = ports();
        int controller = Ports.free();
        String protocols = "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,EXTERNAL:PLAINTEXT,FULL:PLAINTEXT,"
                + "SLOW:PLAINTEXT,CONTROLLER:PLAINTEXT";
        try (KafkaProcess kafka = KafkaProcess.start(
                        folder,
                        listeners(theirPorts) + ",CONTROLLER://localhost:" + controller,
                        "controller.quorum.voters=1@localhost:" + controller,
                        protocols,
                        // Each thread has an order of its own in which it closes connections.
                        "num.network.threads=1");
                GregorProcess gregor =
                        GregorProcess.start(folder, listeners(ourPorts) + ",CONTROLLER://localhost:0", protocols)) {
            Future<List<String>> theirs = inBackground(new Script(theirPorts)::run);
            List<String> ours = new Script(ourPorts).run();
            assertThat(ours).isEqualTo(theirs.get());
            assertThat(kafka.isAlive() && gregor.isAlive()).isTrue();
        }
    }

    /** Most of the time both wait. */
    private static <T> Future<T> inBackground(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        new Thread(future).start();
        return future;
    }

    private static List<Integer> ports() {
        return List.of(Ports.free(), Ports.free(), Ports.free(), Ports.free());
    }

    private static String listeners(List<Integer> ports) {
        return "listeners=PLAINTEXT://localhost:%s,EXTERNAL://localhost:%s,FULL://localhost:%s,SLOW://localhost:%s"
                .formatted(ports.toArray());
    }

    /** A connection that asks for something at once. */
    private static final class Client implements AutoCloseable {
        private final Socket socket;

        /** @param address from which it comes */
        Client(String address, int port) throws IOException {
            socket = new Socket(InetAddress.getByName("localhost"), port, InetAddress.getByName(address), 0);
            socket.setSoTimeout((int) GregorProcess.PATIENCE.toMillis());
            ask();
        }

        void ask() throws IOException {
            socket.getOutputStream()
                    .write(RawClient.frame(ApiKeys.API_VERSIONS, (short) 0, new ApiVersionsRequestData(), "raw"));
        }

        /** What became of it at last. */
        String fate() {
            try {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                in.readFully(new byte[in.readInt()]);
                return "served";
            } catch (IOException e) {
                return "closed";
            }
        }

        boolean hasAnswer() throws IOException {
            return socket.getInputStream().available() > 0;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** The same connections to either broker; what becomes of them. */
    private static final class Script {
        private final List<String> seen = new ArrayList<>();
        private final int brokers;
        private final int external;
        private final int full;
        private final int slow;
        private RawClient admin;
        private int markers;

        Script(List<Integer> ports) {
            brokers = ports.get(0);
            external = ports.get(1);
            full = ports.get(2);
            slow = ports.get(3);
        }

        List<String> run() throws Exception {
            try (RawClient opened = new RawClient(brokers)) {
                admin = opened;
                for (List<String> bad : BAD) {
                    seen.add(bad + " " + alter(true, bad.get(0), bad.get(1)));
                }
                ofBroker();
                ofListener();
                ofAddress();
                rateOfAddress();
                rateOfListener();
            }
            return seen;
        }

        private void see(String who, Client client) {
            seen.add(who + " " + client.fate());
        }

        /** Others are answered meanwhile. */
        private void seeWaiting(String who, Client client) throws IOException {
            for (int i = 0; i < 5; i++) {
                admin.call(ApiKeys.API_VERSIONS, (short) 0, new ApiVersionsRequestData());
            }
            seen.add(who + (client.hasAnswer() ? " is answered" : " waits"));
        }

        private void ofBroker() throws Exception {
            set("max.connections", "4");
            Client first = new Client(HERE, external);
            see("first", first);
            Client second = new Client(HERE, external);
            see("second", second);
            Client third = new Client(HERE, external);
            see("third", third);
            first.ask();
            see("first again", first);
            Client fourth = new Client(HERE, external);
            seeWaiting("fourth", fourth);
            Client broker = new Client(HERE, brokers);
            see("broker", broker);
            see("second", second);
            seeWaiting("fourth", fourth);
            third.close();
            see("fourth", fourth);
            first.ask();
            see("first again", first);
            set("max.connections", "3");
            see("fourth after the change", fourth);
            Client broker2 = new Client(HERE, brokers);
            see("second broker", broker2);
            see("first at the end", first);
            Client broker3 = new Client(HERE, brokers);
            seeWaiting("third broker", broker3);
            broker2.close();
            see("third broker", broker3);
            for (Client client : List.of(first, second, fourth, broker, broker3)) {
                client.close();
            }
            set("max.connections", null);
        }

        private void ofListener() throws Exception {
            set("listener.name.full.max.connections", "1");
            Client first = new Client(HERE, full);
            see("first", first);
            Client second = new Client(HERE, full);
            seeWaiting("second", second);
            Client third = new Client(HERE, full);
            Client other = new Client(HERE, external);
            see("other", other);
            first.close();
            see("second", second);
            seeWaiting("third", third);
            set("listener.name.full.max.connections", "2");
            see("third", third);
            for (Client client : List.of(second, third, other)) {
                client.close();
            }
        }

        private void ofAddress() throws Exception {
            set("max.connections.per.ip.overrides", "127.0.0.2:2,localhost:1000");
            Client first = new Client("127.0.0.2", external);
            see("first", first);
            Client second = new Client("127.0.0.2", full);
            see("second", second);
            Client third = new Client("127.0.0.2", external);
            see("third", third);
            first.close();
            awaitServed("127.0.0.2");
            second.ask();
            see("second again", second);
            set("max.connections.per.ip", "1");
            Client other = new Client("127.0.0.3", external);
            see("other", other);
            Client another = new Client("127.0.0.3", external);
            see("another", another);
            for (Client client : List.of(second, third, other, another)) {
                client.close();
            }
            set("max.connections.per.ip", null);
        }

        /** The broker notices the end of a connection in its time. */
        private void awaitServed(String address) {
            Awaitility.await().until(() -> {
                try (Client client = new Client(address, external)) {
                    return client.fate().equals("served");
                }
            });
        }

        private void rateOfAddress() throws Exception {
            limitRate("127.0.0.4", 1.0);
            limitRate(HERE, 1000.0);
            limitRate(null, 2.0);
            List<Client> named = connect("127.0.0.4", 13, external);
            List<Client> others = connect("127.0.0.5", 23, external);
            seeAll("named", named);
            seeAll("others", others);
            limitRate(null, null);
        }

        private static List<Client> connect(String address, int count, int port) throws IOException {
            List<Client> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(new Client(address, port));
            }
            return all;
        }

        private void seeAll(String who, List<Client> clients) throws IOException {
            for (int i = 0; i < clients.size(); i++) {
                see(who + " " + i, clients.get(i));
                clients.get(i).close();
            }
        }

        private void rateOfListener() throws Exception {
            set("listener.name.slow.max.connection.creation.rate", "1");
            List<Client> all = connect(HERE, 30, slow);
            seeAll("at once", all.subList(0, 10));
            seeWaiting("the last one", all.get(29));
            see("the next one", all.get(10));
            for (Client client : all) {
                client.close();
            }
        }

        private void set(String key, String value) throws IOException {
            seen.add(key + "=" + value + " " + alter(false, key, value));
            settle();
        }

        private void limitRate(String address, Double rate) throws IOException {
            AlterClientQuotasRequestData.EntryData entry = new AlterClientQuotasRequestData.EntryData()
                    .setEntity(List.of(new AlterClientQuotasRequestData.EntityData()
                            .setEntityType("ip")
                            .setEntityName(address)))
                    .setOps(List.of(new AlterClientQuotasRequestData.OpData()
                            .setKey("connection_creation_rate")
                            .setRemove(rate == null)
                            .setValue(rate == null ? 0 : rate)));
            AlterClientQuotasResponseData response = (AlterClientQuotasResponseData) admin.call(
                    ApiKeys.ALTER_CLIENT_QUOTAS,
                    (short) 1,
                    new AlterClientQuotasRequestData().setEntries(List.of(entry)));
            seen.add(address + " " + response.entries().get(0).errorCode());
            settle();
        }

        /** Apache Kafka answers before it goes by a change: it does when one that came after another is there. */
        private void settle() throws IOException {
            for (int i = 0; i < 2; i++) {
                String value = String.valueOf(50_000 + markers++);
                alter(false, MARKER, value);
                DescribeConfigsRequestData request = new DescribeConfigsRequestData()
                        .setResources(List.of(new DescribeConfigsRequestData.DescribeConfigsResource()
                                .setResourceType((byte) 4)
                                .setResourceName("1")
                                .setConfigurationKeys(List.of(MARKER))));
                Awaitility.await()
                        .until(() -> admin.call(ApiKeys.DESCRIBE_CONFIGS, (short) 4, request)
                                .toString()
                                .contains("value='" + value + "'"));
            }
        }

        private String alter(boolean validateOnly, String key, String value) throws IOException {
            AlterableConfig config = new AlterableConfig()
                    .setName(key)
                    .setValue(value)
                    .setConfigOperation((byte) (value == null ? 1 : 0));
            AlterConfigsResource resource = new AlterConfigsResource()
                    .setResourceType((byte) 4)
                    .setResourceName("1")
                    .setConfigs(new AlterableConfigCollection(List.of(config).iterator()));
            IncrementalAlterConfigsResponseData response = (IncrementalAlterConfigsResponseData) admin.call(
                    ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                    (short) 1,
                    new IncrementalAlterConfigsRequestData()
                            .setValidateOnly(validateOnly)
                            .setResources(new AlterConfigsResourceCollection(
                                    List.of(resource).iterator())));
            AlterConfigsResourceResponse result = response.responses().get(0);
            return result.errorCode() + " " + result.errorMessage();
        }
    }
}
