import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A job from topic to topic with checkpoints and a transactional sink, which fails once on its way. */
public final class Main {
    private static final int RECORDS = 2_000;

    /** Fails once, in the middle of what it sees. */
    static final class FailOnce implements MapFunction<String, String> {
        private final String marker;
        private int seen;

        FailOnce(Path marker) {
            this.marker = marker.toString();
        }

        @Override
        public String map(String value) throws Exception {
            Thread.sleep(1);
            if (++seen == RECORDS / 4 && Files.deleteIfExists(Path.of(marker))) {
                throw new IllegalStateException("once");
            }
            return value + " passed on";
        }
    }

    public static void main(String[] arguments) throws Exception {
        new Scenarios("Apache Flink").play("exactly once through a failure", Main::job).end();
    }

    private static void job() throws Exception {
        Scenarios.topic("flink-in", 2);
        Scenarios.topic("flink-out", 2);
        Scenarios.produce("flink-in", IntStream.range(0, RECORDS).mapToObj(Integer::toString).toList());
        Path marker = Files.createTempFile("flink", "marker");
        Path checkpoints = Files.createTempDirectory("flink-checkpoints");

        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(100));
        configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        var environment = StreamExecutionEnvironment.createLocalEnvironment(2, configuration);
        environment.enableCheckpointing(200);
        KafkaSource<String> source = KafkaSource.<String>builder()
                .setBootstrapServers(Scenarios.BOOTSTRAP)
                .setTopics("flink-in")
                .setGroupId("flink")
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setBounded(OffsetsInitializer.latest())
                .setValueOnlyDeserializer(new SimpleStringSchema())
                .build();
        KafkaSink<String> sink = KafkaSink.<String>builder()
                .setBootstrapServers(Scenarios.BOOTSTRAP)
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix("flink-" + System.nanoTime())
                .setProperty("transaction.timeout.ms", "60000")
                .setRecordSerializer(KafkaRecordSerializationSchema.builder()
                        .setTopic("flink-out")
                        .setValueSerializationSchema(new SimpleStringSchema())
                        .build())
                .build();
        environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "flink-in")
                .map(new FailOnce(marker))
                .sinkTo(sink);
        environment.execute();

        Scenarios.check(!Files.exists(marker), "the job did not fail");
        List<String> read = new ArrayList<>(Scenarios.values("flink-out", RECORDS));
        Set<String> different = new HashSet<>(read);
        Scenarios.check(read.size() == RECORDS && different.size() == RECORDS, read.size() + " records, " + different.size() + " different");
    }
}
