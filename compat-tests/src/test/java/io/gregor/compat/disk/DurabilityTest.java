package io.gregor.compat.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.Tool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged is there exactly once and in order, after a clean restart and after kill -9. */
@Tag("once")
class DurabilityTest {
    private static final int PARTITIONS = 4;

    @Test
    void records200000OfManyClientsSurviveARestartAndAKill(@TempDir Path folder) throws Exception {
        try (GregorProcess broker =
                GregorProcess.start(folder, "num.partitions=" + PARTITIONS, "log.segment.bytes=4194304")) {
            Map<Integer, List<String>> sent = new TreeMap<>();
            Random random = new Random(3);
            sendWithJava(broker, sent, random, 60_000);
            sendWithConsoleProducer(broker, sent, random, 40_000);
            assertThat(broker.stop()).isZero();
            broker.startAgain();
            assertThat(readWithJava(broker)).isEqualTo(sent);
            sendWithKcat(broker, sent, random, 60_000);
            sendWithJava(broker, sent, random, 40_000);
            broker.kill();
            broker.startAgain();
            assertThat(sent.values().stream().mapToInt(List::size).sum()).isEqualTo(200_000);
            assertThat(readWithJava(broker)).isEqualTo(sent);
            assertThat(readWithKcat(broker)).isEqualTo(sent);
            assertThat(readWithPython(broker)).isEqualTo(sent);
        }
    }

    private static Map<String, Object> settings(GregorProcess broker) {
        return Map.of("bootstrap.servers", broker.address(), "linger.ms", 2, "auto.offset.reset", "earliest");
    }

    private static String value(int partition, List<String> sent, Random random) {
        return partition + ":" + sent.size() + ":" + "x".repeat(random.nextInt(random.nextInt(50) == 0 ? 3000 : 60));
    }

    private static void sendWithJava(GregorProcess broker, Map<Integer, List<String>> sent, Random random, int count) {
        try (Producer<String, String> producer =
                new KafkaProducer<>(settings(broker), new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < count; i++) {
                int partition = i % PARTITIONS;
                List<String> own = sent.computeIfAbsent(partition, p -> new ArrayList<>());
                own.add(value(partition, own, random));
                producer.send(new ProducerRecord<>("many", partition, null, own.get(own.size() - 1)));
            }
        }
    }

    /** The tool has no option for the partition: the lines go where their key leads, and come back from there. */
    private static void sendWithConsoleProducer(
            GregorProcess broker, Map<Integer, List<String>> sent, Random random, int count) throws Exception {
        Map<Integer, List<String>> before = readWithJava(broker);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append("key")
                    .append(i % 97)
                    .append('\t')
                    .append(value(9, List.of(), random))
                    .append(i)
                    .append('\n');
        }
        Tool.kafka(
                        "org.apache.kafka.tools.ConsoleProducer",
                        "--bootstrap-server",
                        broker.address(),
                        "--topic",
                        "many",
                        "--reader-property",
                        "parse.key=true")
                .run(lines.toString())
                .assertOk();
        Map<Integer, List<String>> after = readWithJava(broker);
        List<String> expected = lines.toString()
                .lines()
                .map(line -> line.substring(line.indexOf('\t') + 1))
                .sorted()
                .toList();
        List<String> came = new ArrayList<>();
        after.forEach((partition, values) -> {
            List<String> fresh = values.subList(before.get(partition).size(), values.size());
            came.addAll(fresh);
            sent.get(partition).addAll(fresh);
        });
        assertThat(came.stream().sorted()).isEqualTo(expected);
    }

    private static void sendWithKcat(GregorProcess broker, Map<Integer, List<String>> sent, Random random, int count)
            throws Exception {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            List<String> own = sent.get(partition);
            int from = own.size();
            for (int i = 0; i < count / PARTITIONS; i++) {
                own.add(value(partition, own, random));
            }
            Tool.installed("kcat", "-b", broker.address(), "-P", "-t", "many", "-p", partition, "-z", "snappy")
                    .run(String.join("\n", own.subList(from, own.size())) + "\n")
                    .assertOk();
        }
    }

    private static Map<Integer, List<String>> readWithJava(GregorProcess broker) {
        return readAll(broker, "many", PARTITIONS);
    }

    private static Map<Integer, List<String>> readAll(GregorProcess broker, String topic, int partitions) {
        Map<Integer, List<String>> read = new TreeMap<>();
        try (Consumer<String, String> consumer =
                new KafkaConsumer<>(settings(broker), new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> all = new ArrayList<>();
            for (int i = 0; i < partitions; i++) {
                all.add(new TopicPartition(topic, i));
                read.put(i, new ArrayList<>());
            }
            consumer.assign(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(10))) {
                    read.get(record.partition()).add(record.value());
                }
            }
        }
        return read;
    }

    private static Map<Integer, List<String>> readWithKcat(GregorProcess broker) throws Exception {
        Map<Integer, List<String>> read = new TreeMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            String out = Tool.installed(
                            "kcat",
                            "-q",
                            "-b",
                            broker.address(),
                            "-C",
                            "-t",
                            "many",
                            "-p",
                            partition,
                            "-o",
                            "beginning",
                            "-e")
                    .run()
                    .assertOk()
                    .out();
            read.put(partition, out.lines().toList());
        }
        return read;
    }

    private static Map<Integer, List<String>> readWithPython(GregorProcess broker) throws Exception {
        String out = Tool.python("read_all.py", broker.address(), "many", PARTITIONS)
                .run()
                .assertOk()
                .out();
        return out.lines()
                .collect(Collectors.groupingBy(
                        line -> Integer.parseInt(line.substring(0, line.indexOf(' '))),
                        TreeMap::new,
                        Collectors.mapping(line -> line.substring(line.indexOf(' ') + 1), Collectors.toList())));
    }
}
