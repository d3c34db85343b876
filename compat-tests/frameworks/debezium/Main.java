import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.connect.cli.ConnectDistributed;

/** A snapshot of a table and its changes, as records. */
public final class Main {
    private static final String DATABASE = "localhost:" + System.getenv("DATABASE_PORT");
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        sql("create database shop",
                "create table shop.orders (id int primary key, item varchar(50))",
                "insert into shop.orders values (1, 'tea'), (2, 'milk')");
        startWorker(port);
        new Scenarios("Debezium (MariaDB)")
                .play("snapshot of a table", () -> {
                    startConnector(port);
                    check(List.of("r 1 tea", "r 2 milk"));
                })
                .play("changes of a table", () -> {
                    sql("insert into shop.orders values (3, 'bread')",
                            "update shop.orders set item = 'oat milk' where id = 2",
                            "delete from shop.orders where id = 1");
                    check(List.of("r 1 tea", "r 2 milk", "c 3 bread", "u 2 oat milk", "d 1 tea", "tombstone 1"));
                })
                .end();
    }

    private static void sql(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:mariadb://" + DATABASE + "/", "debezium", "debezium");
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    private static void startWorker(int port) throws Exception {
        Path properties = Path.of(System.getenv("WORK"), "worker.properties");
        Files.writeString(properties, String.join("\n",
                "bootstrap.servers=" + Scenarios.BOOTSTRAP,
                "group.id=debezium",
                "listeners=http://localhost:" + port,
                "key.converter=org.apache.kafka.connect.json.JsonConverter",
                "value.converter=org.apache.kafka.connect.json.JsonConverter",
                "key.converter.schemas.enable=false",
                "value.converter.schemas.enable=false",
                "config.storage.topic=debezium-configs",
                "offset.storage.topic=debezium-offsets",
                "status.storage.topic=debezium-status",
                "config.storage.replication.factor=1",
                "offset.storage.replication.factor=1",
                "status.storage.replication.factor=1",
                "exactly.once.source.support=enabled"));
        Thread worker = new Thread(() -> ConnectDistributed.main(new String[] {properties.toString()}));
        worker.setDaemon(true);
        worker.start();
    }

    private static void startConnector(int port) throws Exception {
        Map<String, String> config = Map.of(
                "connector.class", "io.debezium.connector.mariadb.MariaDbConnector",
                "database.hostname", "localhost",
                "database.port", System.getenv("DATABASE_PORT"),
                "database.user", "debezium",
                "database.password", "debezium",
                "database.server.id", "2",
                "topic.prefix", "debezium",
                "database.include.list", "shop",
                "schema.history.internal.kafka.bootstrap.servers", Scenarios.BOOTSTRAP,
                "schema.history.internal.kafka.topic", "debezium-schemas");
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/connectors/shop/config"))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(config)))
                .build();
        HttpClient client = HttpClient.newHttpClient();
        List<String> refused = new ArrayList<>();
        Scenarios.await(() -> {
            try {
                HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                refused.add(answer.statusCode() + " " + answer.body());
                return answer.statusCode() / 100 == 2;
            } catch (Exception notYet) {
                refused.add(notYet.toString());
                return false;
            }
        }, "the worker takes the connector: " + refused);
    }

    /** "operation id item" of each record, in order. */
    private static void check(List<String> expected) {
        String read = Scenarios.read("debezium.shop.orders", expected.size()).stream()
                .map(Main::text)
                .collect(Collectors.joining(", "));
        Scenarios.check(read.equals(String.join(", ", expected)), read);
    }

    private static String text(ConsumerRecord<String, String> record) {
        try {
            if (record.value() == null) {
                return "tombstone " + JSON.readTree(record.key()).get("id");
            }
            JsonNode change = JSON.readTree(record.value());
            JsonNode row = change.get("after").isNull() ? change.get("before") : change.get("after");
            return change.get("op").asText() + " " + row.get("id") + " " + row.get("item").asText();
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
