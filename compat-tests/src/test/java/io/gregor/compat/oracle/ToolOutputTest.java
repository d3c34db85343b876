package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.Canonical;
import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.Tool;
import io.gregor.compat.ToolHere;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apache Kafka's tools, with their usual arguments, against Apache Kafka and Gregor: they print the same. */
@Tag("once")
class ToolOutputTest {
    private static final String TOOLS = "org.apache.kafka.tools.";
    private static final String CONFIGS = "kafka.admin.ConfigCommand";
    private static final String GROUPS = TOOLS + "consumer.group.ConsumerGroupCommand";
    private static final String REASSIGN = TOOLS + "reassign.ReassignPartitionsCommand";
    private static final String READ = TOOLS + "consumer.ConsoleConsumer";

    @TempDir
    Path folder;

    @Test
    void theyPrintTheSame() throws Exception {
        try (KafkaProcess kafka = KafkaProcess.start(folder);
                GregorProcess gregor =
                        GregorProcess.start(folder, "auto.create.topics.enable=false", "log.retention.ms=-1")) {
            Map<String, String> ours = new Script(gregor.address(), gregor.data(), folder, Map.of()).run();
            Map<String, String> theirs = new Script(kafka.address(), folder.resolve("kafka"), folder, ours).run();
            assertThat(Canonical.differences(theirs, ours))
                    .as(theirs.size() + " invocations")
                    .isEmpty();
        }
    }

    /** What they do, one after the other, and what they print without what has to differ. */
    private static final class Script {
        /** Ids, times, ports, and what depends on them. */
        private static final Pattern DIFFERENT = Pattern.compile("\\b[A-Za-z0-9_-]{22}\\b|"
                + "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|"
                + "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d:\\d+|1[78]\\d{11}|crc: \\d+|localhost[: ]\\d+");
        /** How far the metadata log goes: the brokers have different records of what a cluster is. */
        private static final Pattern METADATA_END = Pattern.compile("(?<=HighWatermark:)\\s+\\d+|(?<=\\*\\t)\\d+\\s+");

        private static final Set<String> READING = Set.of("--describe", "--list");
        private static final int PATIENCE = 30;

        /** Those whose lines come in the order of a hash map, or of what was fetched first. */
        private static final Set<String> UNORDERED = Set.of(READ, TOOLS + "ClientMetricsCommand");

        private final Map<String, String> printed = new LinkedHashMap<>();
        private final String address;
        private final Path data;
        private final Path folder;
        private final Map<String, String> expected;

        /** @param expected asks again, where nothing is changed by that, until a broker shows what has been changed */
        Script(String address, Path data, Path folder, Map<String, String> expected) {
            this.address = address;
            this.data = data;
            this.folder = folder;
            this.expected = expected;
        }

        Map<String, String> run() throws Exception {
            topics();
            records();
            groups();
            configs();
            cluster();
            folders();
            transactions();
            topic("--delete", "--topic", "t.*");
            topic("--list");
            return printed;
        }

        private void topics() throws Exception {
            topic("--create", "--topic", "t1", "--partitions", "3", "--replication-factor", "1");
            topic("--create", "--topic", "t1");
            topic("--create", "--topic", "t1", "--if-not-exists");
            topic("--create", "--topic", "t_2", "--config", "retention.ms=7000", "--config", "cleanup.policy=compact");
            topic("--create", "--topic", "t.2");
            topic("--create", "--topic", "bad", "--replication-factor", "3");
            topic("--create", "--topic", "bad", "--partitions", "0");
            topic("--create", "--topic", "bad", "--config", "retention.ms=x");
            topic("--create", "--topic", "t3", "--replica-assignment", "1,1");
            topic("--create", "--topic", "bad", "--replica-assignment", "7");
            topic("--list");
            topic("--list", "--exclude-internal");
            topic("--describe");
            topic("--describe", "--topic", "t1");
            topic("--describe", "--topic", "nothing");
            topic("--describe", "--topics-with-overrides");
            topic("--describe", "--under-replicated-partitions");
            topic("--describe", "--unavailable-partitions");
            topic("--alter", "--topic", "t3", "--partitions", "4");
            topic("--alter", "--topic", "t3", "--partitions", "2");
            topic("--alter", "--topic", "t3", "--partitions", "5", "--replica-assignment", "1,1,1,1,1");
            topic("--alter", "--topic", "nothing", "--partitions", "2");
            topic("--delete", "--topic", "nothing");
        }

        private void records() throws Exception {
            produce(
                    "k1:v1\nk2:v2\nk3:v3\n",
                    "--topic",
                    "t1",
                    "--property",
                    "parse.key=true",
                    "--property",
                    "key.separator=:");
            produce("h:1\tk\tv\n", "--topic", "t1", "--property", "parse.headers=true", "--property", "parse.key=true");
            tool(
                    READ,
                    "--topic",
                    "t1",
                    "--from-beginning",
                    "--max-messages",
                    "4",
                    "--property",
                    "print.key=true",
                    "--property",
                    "print.partition=true",
                    "--property",
                    "print.offset=true",
                    "--property",
                    "print.headers=true",
                    "--group",
                    "read");
            tool(
                    READ,
                    "--topic",
                    "t1",
                    "--partition",
                    "0",
                    "--offset",
                    "earliest",
                    "--timeout-ms",
                    "2000",
                    "--group",
                    "read");
            tool(READ, "--topic", "nothing", "--timeout-ms", "2000", "--group", "read");
            for (String time : new String[] {
                "earliest", "latest", "max-timestamp", "-1", "-2", "0", "latest-tiered", "earliest-local"
            }) {
                tool(TOOLS + "GetOffsetShell", "--topic", "t1", "--time", time);
            }
            tool(TOOLS + "GetOffsetShell", "--topic-partitions", "t1:0-1,t3:3");
            tool(TOOLS + "GetOffsetShell", "--topic", "nothing");
            Path deletions = Files.writeString(
                    folder.resolve("delete.json"),
                    "{\"partitions\":[{\"topic\":\"t1\",\"partition\":0,\"offset\":-1},"
                            + "{\"topic\":\"t3\",\"partition\":1,\"offset\":-1}],\"version\":1}");
            tool(TOOLS + "DeleteRecordsCommand", "--offset-json-file", deletions.toString());
        }

        private void groups() throws Exception {
            groupsTool("--list");
            groupsTool("--list", "--state");
            groupsTool("--list", "--type");
            groupsTool("--describe", "--group", "read");
            groupsTool("--describe", "--group", "read", "--offsets", "--verbose");
            groupsTool("--describe", "--group", "read", "--members");
            groupsTool("--describe", "--group", "read", "--members", "--verbose");
            groupsTool("--describe", "--group", "read", "--state");
            groupsTool("--describe", "--all-groups");
            groupsTool("--describe", "--group", "nothing");
            groupsTool("--reset-offsets", "--group", "read", "--topic", "t1", "--to-earliest", "--dry-run");
            groupsTool("--reset-offsets", "--group", "read", "--topic", "t1:0", "--to-latest", "--execute");
            groupsTool("--reset-offsets", "--group", "new", "--topic", "t1", "--to-offset", "1", "--execute");
            groupsTool("--reset-offsets", "--group", "read", "--all-topics", "--shift-by", "-1", "--execute");
            groupsTool("--reset-offsets", "--group", "read", "--all-topics", "--by-duration", "PT1H", "--dry-run");
            groupsTool("--reset-offsets", "--group", "read", "--all-topics", "--to-current", "--export", "--dry-run");
            groupsTool("--reset-offsets", "--group", "read", "--topic", "nothing", "--to-earliest", "--execute");
            groupsTool("--delete-offsets", "--group", "read", "--topic", "t1:0");
            groupsTool("--delete-offsets", "--group", "read", "--topic", "nothing");
            groupsTool("--validate-regex", "t.*");
            groupsTool("--validate-regex", "t[");
            tool(TOOLS + "GroupsCommand", "--list");
            tool(TOOLS + "GroupsCommand", "--list", "--consumer");
            tool(TOOLS + "GroupsCommand", "--list", "--group-type", "classic");
            groupsTool("--delete", "--group", "new");
            groupsTool("--delete", "--group", "nothing");
            tool(TOOLS + "StreamsResetter", "--application-id", "read", "--input-topics", "t1", "--dry-run");
            tool(TOOLS + "StreamsResetter", "--application-id", "read", "--input-topics", "nothing");
        }

        private void configs() throws Exception {
            for (String entity :
                    new String[] {"topics", "brokers", "groups", "client-metrics", "clients", "users", "ips"}) {
                config("--describe", "--entity-type", entity);
                config("--describe", "--entity-type", entity, "--entity-name", "7");
            }
            configOf("topics", "t1", "retention.ms=8000,cleanup.policy=[compact,delete]", "retention.ms");
            configOf("topics", "t1", "unknown=1", "unknown");
            configOf("brokers", "1", "log.retention.ms=70000", "log.retention.ms");
            configOf("brokers", "1", "broker.id=1", "nothing");
            configOf("groups", "read", "consumer.session.timeout.ms=50000", "consumer.session.timeout.ms");
            configOf("client-metrics", "m", "metrics=[a,b],interval.ms=1000,match=[client_id=x]", "match");
            configOf("clients", "c", "producer_byte_rate=1024,consumer_byte_rate=2048", "producer_byte_rate");
            configOf("users", "u", "request_percentage=50", "request_percentage");
            configOf("users", "s", "SCRAM-SHA-256=[iterations=4096,password=p]", "SCRAM-SHA-256");
            configOf("ips", "127.0.0.1", "connection_creation_rate=10", "connection_creation_rate");
            config("--alter", "--entity-type", "brokers", "--entity-default", "--add-config", "log.retention.ms=80000");
            config("--describe", "--entity-type", "brokers", "--entity-default");
            config("--describe", "--entity-type", "brokers", "--entity-name", "1");
            config("--alter", "--entity-type", "brokers", "--entity-default", "--delete-config", "log.retention.ms");
            config("--describe", "--entity-type", "topics", "--entity-name", "t_2", "--all");
            metrics("--alter", "--name", "n", "--metrics", "a.,b.", "--interval", "2000", "--match", "client_id=y");
            metrics("--alter", "--generate-name", "--interval", "1");
            metrics("--list");
            metrics("--describe");
            metrics("--describe", "--name", "n");
            metrics("--delete", "--name", "n");
            metrics("--delete", "--name", "n");
        }

        private void configOf(String type, String name, String set, String deleted) throws Exception {
            config("--alter", "--entity-type", type, "--entity-name", name, "--add-config", set);
            config("--describe", "--entity-type", type, "--entity-name", name);
            config("--alter", "--entity-type", type, "--entity-name", name, "--delete-config", deleted);
            config("--describe", "--entity-type", type, "--entity-name", name);
        }

        private void cluster() throws Exception {
            tool(TOOLS + "ClusterTool", "cluster-id");
            tool(TOOLS + "ClusterTool", "list-endpoints");
            tool(TOOLS + "ClusterTool", "list-endpoints", "--include-fenced-brokers");
            tool(TOOLS + "ClusterTool", "unregister", "--id", "9");
            tool(TOOLS + "MetadataQuorumCommand", "describe", "--status");
            tool(TOOLS + "MetadataQuorumCommand", "describe", "--replication");
            tool(TOOLS + "FeatureCommand", "version-mapping", "--release-version", "4.2");
            tool(TOOLS + "FeatureCommand", "feature-dependencies", "--feature", "transaction.version=2");
            tool(TOOLS + "FeatureCommand", "upgrade", "--feature", "transaction.version=9");
            tool(TOOLS + "FeatureCommand", "downgrade", "--feature", "metadata.version=1");
            tool(TOOLS + "FeatureCommand", "upgrade", "--feature", "nothing=1");
            tool(TOOLS + "LeaderElectionCommand", "--election-type", "PREFERRED", "--all-topic-partitions");
            tool(TOOLS + "LeaderElectionCommand", "--election-type", "UNCLEAN", "--topic", "t1", "--partition", "0");
            tool(
                    TOOLS + "LeaderElectionCommand",
                    "--election-type",
                    "PREFERRED",
                    "--topic",
                    "nothing",
                    "--partition",
                    "0");
        }

        private void folders() throws Exception {
            tool(TOOLS + "LogDirsCommand", "--describe", "--topic-list", "t1,t3");
            tool(TOOLS + "LogDirsCommand", "--describe", "--topic-list", "nothing");
            tool(TOOLS + "LogDirsCommand", "--describe", "--broker-list", "7");
            Path plan = Files.writeString(
                    folder.resolve("plan.json"),
                    "{\"version\":1,\"partitions\":[{\"topic\":\"t1\",\"partition\":0,"
                            + "\"replicas\":[1],\"log_dirs\":[\"any\"]}]}");
            Path topics =
                    Files.writeString(folder.resolve("topics.json"), "{\"version\":1,\"topics\":[{\"topic\":\"t1\"}]}");
            tool(REASSIGN, "--generate", "--topics-to-move-json-file", topics.toString(), "--broker-list", "1");
            tool(REASSIGN, "--execute", "--reassignment-json-file", plan.toString());
            tool(REASSIGN, "--verify", "--reassignment-json-file", plan.toString());
            tool(REASSIGN, "--list");
            tool(REASSIGN, "--cancel", "--reassignment-json-file", plan.toString());
            for (String part : new String[] {"0", "1", "2"}) {
                String log = data.resolve("t1-" + part)
                        .resolve("00000000000000000000.log")
                        .toString();
                dump("--files", log);
                dump("--files", log, "--print-data-log", "--deep-iteration");
            }
        }

        private void transactions() throws Exception {
            tool(TOOLS + "TransactionsCommand", "list");
            tool(TOOLS + "TransactionsCommand", "describe", "--transactional-id", "nothing");
            tool(TOOLS + "TransactionsCommand", "describe-producers", "--topic", "t1", "--partition", "0");
            tool(TOOLS + "TransactionsCommand", "find-hanging", "--broker-id", "1");
            tool(TOOLS + "TransactionsCommand", "abort", "--topic", "t1", "--partition", "0", "--start-offset", "0");
            tool(TOOLS + "TransactionsCommand", "forceTerminateTransaction", "--transactionalId", "nothing");
        }

        private void topic(String... arguments) throws Exception {
            tool(TOOLS + "TopicCommand", arguments);
        }

        private void groupsTool(String... arguments) throws Exception {
            tool(GROUPS, arguments);
        }

        private void config(String... arguments) throws Exception {
            tool(CONFIGS, arguments);
        }

        private void metrics(String... arguments) throws Exception {
            tool(TOOLS + "ClientMetricsCommand", arguments);
        }

        /** The address of the broker comes where that tool wants it. */
        private String[] at(String mainClass, String... arguments) {
            String[] at = {"--bootstrap-server", address};
            Stream<String[]> all =
                    mainClass.endsWith("ClusterTool") ? Stream.of(arguments, at) : Stream.of(at, arguments);
            return all.flatMap(Stream::of).toArray(String[]::new);
        }

        private void tool(String mainClass, String... arguments) throws Exception {
            print(mainClass, at(mainClass, arguments));
        }

        /** In a JVM of its own: at its end it sends what it was given. */
        private void produce(String input, String... arguments) throws Exception {
            String mainClass = TOOLS + "ConsoleProducer";
            Tool.Result result =
                    Tool.kafka(mainClass, (Object[]) at(mainClass, arguments)).run(input);
            printed.put(key(mainClass, arguments), read(mainClass, result.out() + "status " + result.status()));
        }

        private void dump(String... arguments) {
            print(TOOLS + "DumpLogSegments", arguments);
        }

        private void print(String mainClass, String... arguments) {
            boolean changesNothing = Stream.of(arguments).anyMatch(READING::contains);
            String key = key(mainClass, arguments);
            String output = read(mainClass, ToolHere.run(mainClass, arguments));
            for (int i = 0; i < PATIENCE && changesNothing && !output.equals(expected.getOrDefault(key, output)); i++) {
                output = read(mainClass, ToolHere.run(mainClass, arguments));
            }
            printed.put(key, output);
        }

        private String key(String mainClass, String... arguments) {
            String name = mainClass.substring(mainClass.lastIndexOf('.') + 1);
            return String.format("%03d ", printed.size()) + plain(name + " " + String.join(" ", arguments));
        }

        private String read(String mainClass, String output) {
            Stream<String> lines =
                    plain(output).lines().filter(line -> !line.startsWith("\tat ") && !line.startsWith("SLF4J"));
            return (UNORDERED.contains(mainClass) ? lines.sorted() : lines).collect(Collectors.joining("\n"));
        }

        private String plain(String text) {
            String plain = text.replace(address, "BROKER")
                    .replace(data.toString(), "DATA")
                    .replace(folder.toString(), "FOLDER");
            return METADATA_END
                    .matcher(DIFFERENT.matcher(plain).replaceAll("*"))
                    .replaceAll("*");
        }
    }
}
