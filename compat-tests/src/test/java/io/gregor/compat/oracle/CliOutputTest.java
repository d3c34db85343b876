package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.Canonical;
import io.gregor.compat.CliHere;
import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.Tool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's commands against Apache Kafka and Gregor: they print the same, and end with the same status. */
@Tag("once")
class CliOutputTest {
    /** Of both brokers: members hear at once what they get. */
    private static final String[] SETTINGS = {
        "auto.create.topics.enable=false",
        "log.retention.ms=-1",
        "group.consumer.min.heartbeat.interval.ms=100",
        "group.consumer.heartbeat.interval.ms=100",
        "group.consumer.assignment.interval.ms=0"
    };

    @TempDir
    Path folder;

    @Test
    void theyPrintTheSame() throws Exception {
        try (KafkaProcess kafka = KafkaProcess.start(folder, SETTINGS);
                GregorProcess gregor = GregorProcess.start(folder, SETTINGS)) {
            CompletableFuture<Map<String, String>> running =
                    CompletableFuture.supplyAsync(() -> printed(gregor.address()));
            Map<String, String> theirs = printed(kafka.address());
            Map<String, String> ours = running.get();
            assertThat(Canonical.differences(theirs, ours))
                    .as(theirs.size() + " invocations")
                    .isEmpty();
        }
    }

    private static Map<String, String> printed(String address) {
        try {
            return new Script(new CliHere(address)).run();
        } catch (Exception e) {
            throw new IllegalStateException("at " + address, e);
        }
    }

    /** What they do, one after the other, and what they print without what has to differ. */
    private static final class Script {
        /** Ids, ports and times, and how many APIs there are. */
        private static final Pattern DIFFERENT = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|"
                + "\\b[A-Za-z0-9_-]{22}\\b|localhost:\\d+|1[78]\\d{11}|\\d+ APIs|\\b\\d+ s\\b|producer \\d+|"
                + "Ongoing +\\d+");

        private final Map<String, String> printed = new LinkedHashMap<>();
        private final CliHere cli;

        Script(CliHere cli) {
            this.cli = cli;
        }

        Map<String, String> run() throws Exception {
            topics();
            records();
            compressedRecords();
            transactions();
            members();
            groups();
            ok("status");
            ok("doctor");
            return printed;
        }

        private void topics() throws Exception {
            ok("topic create orders --partitions 3");
            ok("topic create log tidy --config cleanup.policy=compact --config retention.ms=7000");
            ok("topic create orders --if-not-exists");
            fails("topic create orders");
            fails("topic create orders new");
            fails("topic create bad/name");
            fails("topic create many --partitions 0");
            fails("topic create wide --replication-factor 3");
            fails("topic create odd --config retention.ms=x");
            fails("topic create odd --config no.such.key=x");
            ok("topic list");
            ok("topic list --internal");
            ok("topic describe");
            ok("topic describe orders tidy");
            fails("topic describe orders nothing");
            ok("topic config tidy");
            ok("topic config orders");
            ok("topic config orders --all");
            ok("topic config orders --set retention.ms=5000 --set cleanup.policy=compact,delete");
            ok("topic config orders");
            ok("topic config orders --delete retention.ms");
            ok("topic config orders");
            fails("topic config orders --set retention.ms=soon");
            fails("topic config orders --set no.such.key=1");
            fails("topic config nothing");
            fails("topic config nothing --set retention.ms=1");
            ok("topic delete log");
            fails("topic delete log tidy");
            ok("topic delete log --if-exists");
            ok("topic list");
        }

        private void records() throws Exception {
            ok("topic create one");
            ok("a\nb\n\nc\n", "produce one");
            ok("k=v\nk=NULL\n=\n", "produce one --key-separator = --null-marker NULL --header h=1 --acks 1");
            ok(
                    "{\"key\":\"k\",\"value\":{\"a\":1},\"headers\":{\"x\":\"y\"},\"timestamp\":1000}\n",
                    "produce one --json");
            ok("not awaited\n", "produce one --acks 0");
            fails("{}\n", "produce one --json");
            fails("fine\nno separator\n", "produce orders --key-separator =");
            fails("x\n", "produce one --partition 1");
            fails("x\n", "produce nothing");
            ok("consume one --count 8");
            ok("consume one --count 8 --json");
            ok("consume one --from 4 --count 2 --format '%t-%p:%o %k=%v %h'");
            ok("consume one --from -2 --count 1");
            ok("consume one --from end");
            ok("consume one --from @1000 --count 1 --format %o");
            ok("consume one --from 1h --count 1");
            fails("consume one --from 99");
            fails("consume one --partition 1");
            fails("consume nothing");
            ok("1:a\n2:b\n3:c\n4:d\n5:e\n6:f\n", "produce orders --key-separator :");
            ok("consume orders --partition 0 --format '%p %k'");
            ok("consume orders --partition 1 --format '%p %k'");
            ok("consume orders --partition 2 --format '%p %k'");
            ok("topic describe one orders");
        }

        private void compressedRecords() throws Exception {
            ok("topic create packed");
            for (CompressionType codec : CompressionType.values()) {
                try (Producer<String, String> producer = producer(Map.of("compression.type", codec.name))) {
                    for (int i = 0; i < 100; i++) {
                        producer.send(new ProducerRecord<>("packed", codec.name + " of Kafka's client " + i));
                    }
                }
                ok(codec.name + " of the command\n", "produce packed --compression " + codec.name);
            }
            ok("consume packed --format '%o %v'");
            ok("consume packed --from 150 --count 3 --format '%o %v'");
        }

        private void transactions() throws Exception {
            ok("topic create decided");
            try (Producer<String, String> producer =
                    producer(Map.of("transactional.id", "cli", "transaction.timeout.ms", 600_000))) {
                producer.initTransactions();
                for (int i = 0; i < 4; i++) {
                    producer.beginTransaction();
                    producer.send(new ProducerRecord<>("decided", "transaction " + i))
                            .get();
                    if (i % 2 == 0) {
                        producer.commitTransaction();
                    } else if (i == 1) {
                        producer.abortTransaction();
                    }
                }
                ok("consume decided --format '%o %v'");
                ok("consume decided --format '%o %v' --read-committed");
                fails("doctor --topic decided");
                ok("status");
                producer.abortTransaction();
            }
            ok("consume decided --read-committed");
        }

        private void members() throws Exception {
            for (String protocol : List.of("classic", "consumer")) {
                String member = "consume one --group " + protocol + " --protocol " + protocol + " --format '%o %v'";
                ok(member + " --count 3");
                ok(member + " --count 2");
                ok(member);
                ok(member);
                ok("consume orders --group " + protocol + " --protocol " + protocol + " --from end");
            }
        }

        private void groups() throws Exception {
            ok("group list");
            ok("group describe classic consumer");
            fails("group describe classic nothing");
            ok("group reset classic --to 2 --topic one --dry-run");
            ok("group reset classic --to beginning --topic one");
            ok("group reset new --to -1 --topic one --topic packed");
            ok("group reset new --to @0 --topic one");
            ok("group reset new --to end");
            fails("group reset new --to 99 --topic one");
            fails("group reset new --to end --topic nothing");
            fails("group reset nothing --to end");
            ok("group describe classic new");
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", cli.address()))) {
                admin.deleteRecords(Map.of(new TopicPartition("one", 0), RecordsToDelete.beforeOffset(3)))
                        .all()
                        .get();
            }
            fails("doctor --topic one --group classic --group nothing");
            fails("doctor --topic nothing --topic On");
            member();
            ok("group delete classic");
            fails("group delete consumer classic");
            ok("group list");
        }

        /** What a group with a member prints, and what it refuses. */
        private void member() throws Exception {
            Map<String, Object> config =
                    Map.of("bootstrap.servers", cli.address(), "group.id", "busy", "enable.auto.commit", false);
            try (Consumer<String, String> consumer =
                    new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
                consumer.subscribe(List.of("orders"));
                Awaitility.await().until(() -> {
                    consumer.poll(Duration.ofMillis(100));
                    return !consumer.assignment().isEmpty();
                });
                ok("group describe busy");
                fails("group reset busy --to end --topic orders");
                fails("group delete busy");
                // How far it is cannot be known before it has committed.
                fails("doctor --group busy");
                consumer.assignment().forEach(consumer::position);
                consumer.commitSync();
                ok("doctor --group busy");
            }
        }

        private Producer<String, String> producer(Map<String, Object> more) {
            Map<String, Object> config = new HashMap<>(more);
            config.put("bootstrap.servers", cli.address());
            return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
        }

        private void ok(String line) throws Exception {
            ok("", line);
        }

        private void fails(String line) throws Exception {
            fails("", line);
        }

        private void ok(String input, String line) throws Exception {
            Tool.Result result = print(input, line);
            assertThat(result.status()).as(line + "\n" + result.out()).isZero();
        }

        private void fails(String input, String line) throws Exception {
            Tool.Result result = print(input, line);
            assertThat(result.status()).as(line).isEqualTo(1);
            assertThat(result.out().lines().filter(one -> one.startsWith("gregor: ")))
                    .as(line)
                    .hasSize(1);
        }

        private Tool.Result print(String input, String line) throws Exception {
            Tool.Result result = cli.run(input, line);
            String name = printed.size() + " " + line;
            printed.put(name, DIFFERENT.matcher(result.out()).replaceAll("?") + "status " + result.status());
            return result;
        }
    }
}
