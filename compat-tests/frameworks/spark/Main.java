import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;

/** Structured streaming from topic to topic, stopped and gone on from its checkpoint; and the same as tables. */
public final class Main {
    private static SparkSession spark;

    public static void main(String[] arguments) throws Exception {
        spark = SparkSession.builder().master("local[2]").config("spark.ui.enabled", "false").config("spark.log.level", "WARN").config("spark.sql.shuffle.partitions", "2").getOrCreate();
        new Scenarios("Apache Spark")
                .play("structured streaming", Main::streaming)
                .play("a table written and read", Main::tables)
                .end();
    }

    private static void streaming() throws Exception {
        Scenarios.topic("spark-in", 3);
        Scenarios.topic("spark-out", 1);
        Path checkpoint = Files.createTempDirectory("spark-checkpoint");
        for (int round = 0; round < 2; round++) {
            Scenarios.produce("spark-in", IntStream.range(round * 500, round * 500 + 500).mapToObj(Integer::toString).toList());
            Dataset<Row> in = spark.readStream()
                    .format("kafka")
                    .option("kafka.bootstrap.servers", Scenarios.BOOTSTRAP)
                    .option("subscribe", "spark-in")
                    .option("startingOffsets", "earliest")
                    .option("maxOffsetsPerTrigger", 200)
                    .load();
            in.selectExpr("key", "concat(cast(value as string), ' passed on') as value")
                    .writeStream()
                    .format("kafka")
                    .option("kafka.bootstrap.servers", Scenarios.BOOTSTRAP)
                    .option("topic", "spark-out")
                    .option("checkpointLocation", checkpoint.toString())
                    .trigger(Trigger.AvailableNow())
                    .start()
                    .awaitTermination();
            List<String> read = Scenarios.values("spark-out", round * 500 + 500);
            long different = read.stream().distinct().count();
            Scenarios.check(read.size() == round * 500 + 500 && different == read.size(), read.size() + " records, " + different + " different");
        }
    }

    private static void tables() throws Exception {
        Scenarios.topic("spark-table", 2);
        spark.createDataset(List.of("a", "b", "c"), Encoders.STRING())
                .selectExpr("value as key", "value")
                .write()
                .format("kafka")
                .option("kafka.bootstrap.servers", Scenarios.BOOTSTRAP)
                .option("topic", "spark-table")
                .save();
        List<Row> rows = spark.read()
                .format("kafka")
                .option("kafka.bootstrap.servers", Scenarios.BOOTSTRAP)
                .option("subscribe", "spark-table")
                .load()
                .selectExpr("cast(value as string)")
                .orderBy("value")
                .collectAsList();
        Scenarios.check(rows.stream().map(row -> row.getString(0)).toList().equals(List.of("a", "b", "c")), rows.toString());
    }
}
