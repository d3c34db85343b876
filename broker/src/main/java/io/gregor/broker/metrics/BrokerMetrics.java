package io.gregor.broker.metrics;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.Partitions;
import io.gregor.broker.replica.TopicTraffic;
import io.gregor.broker.replica.TopicTraffics;
import io.gregor.broker.storage.LogDirs;
import io.gregor.broker.storage.LogMaintenance;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.PartitionImage;
import io.gregor.controller.TopicImage;
import io.gregor.log.LogView;
import io.gregor.wire.ByteBudget;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What can be seen of the broker at one moment: partitions and their logs, the cluster's metadata, the cleaner, the
 * memory that is taken. Thread-safe: looks when it is asked. The names are those of Apache Kafka's MBeans as the JMX
 * exporter's usual rules write them; those without one begin with {@code gregor_}.
 */
public final class BrokerMetrics implements MultiCollector {
    private static final String REPLICAS = "kafka_server_replicamanager_";
    private static final String CONTROLLER = "kafka_controller_kafkacontroller_";
    private static final String LOG = "kafka_log_log_";
    /** Of the four series of one partition while the page is made. */
    private static final int PARTITION_BYTES = 4000;

    /** Of the series of one topic while the page is made. */
    private static final int TOPIC_BYTES = 8000;

    private static final String TRAFFIC = "kafka_server_brokertopicmetrics_";

    private static final double RUNNING = 3;

    private final ClusterMetadata metadata;
    private final Partitions partitions;
    private final LogDirs folders;
    private final LogMaintenance cleaner;
    private final List<ByteBudget> budgets;
    private final TopicTraffics traffic;
    private final long partitionsMost;
    private final long topicsMost;

    /**
     * @param budgets whose use is shown
     * @param traffic what is counted of topics
     * @param heapBytes of the process: the logs of so many partitions are shown as need a sixteenth of it, and the
     *     traffic of so many topics as need another
     */
    public BrokerMetrics(
            ClusterMetadata metadata,
            Partitions partitions,
            LogDirs folders,
            LogMaintenance cleaner,
            List<ByteBudget> budgets,
            TopicTraffics traffic,
            long heapBytes) {
        this.metadata = metadata;
        this.partitions = partitions;
        this.folders = folders;
        this.cleaner = cleaner;
        this.budgets = List.copyOf(budgets);
        this.traffic = traffic;
        this.topicsMost = heapBytes / 16 / TOPIC_BYTES;
        this.partitionsMost = heapBytes / 16 / PARTITION_BYTES;
    }

    /** Shows these metrics, too. */
    public void registerWith(PrometheusRegistry registry) {
        registry.register(this);
    }

    @Override
    public MetricSnapshots collect() {
        List<MetricSnapshot> all = new ArrayList<>();
        all.add(gauge("kafka_server_kafkaserver_brokerstate", "3: it answers requests", RUNNING));
        addPartitions(all);
        addLogs(all);
        addTraffic(all);
        all.add(gauge(
                "kafka_log_logmanager_offlinelogdirectorycount",
                "Log directories that are offline",
                folders.offline().size()));
        all.add(gauge(
                "kafka_log_logcleanermanager_max_dirty_percent",
                "Of the log that wants to be compacted most, the part that never was",
                100 * cleaner.mostDirtyRatio()));
        all.add(gauge("gregor_cleaner_failed_partitions", "Partitions whose compaction failed", cleaner.failedCount()));
        addMemory(all);
        return new MetricSnapshots(all);
    }

    private static MetricSnapshot gauge(String name, String help, double value) {
        return Series.gauge(name, help, Series.of(value));
    }

    private void addPartitions(List<MetricSnapshot> all) {
        MetadataImage image = metadata.image();
        Health health = new Health(image);
        all.add(gauge(REPLICAS + "partitioncount", "Partitions of this broker", health.partitions));
        all.add(gauge(
                REPLICAS + "leadercount", "Partitions that this broker leads", health.partitions - health.offline));
        all.add(gauge(REPLICAS + "offlinereplicacount", "Partitions whose log directory is offline", health.offline));
        all.add(gauge(
                REPLICAS + "underreplicatedpartitions",
                "Partitions with fewer replicas in sync than they have",
                health.underReplicated));
        all.add(gauge(CONTROLLER + "activecontrollercount", "1 on the node that is the controller", 1));
        all.add(gauge(CONTROLLER + "activebrokercount", "Brokers that are registered and serve", 1));
        all.add(gauge(CONTROLLER + "fencedbrokercount", "Brokers that are registered and do not serve", 0));
        all.add(gauge(
                CONTROLLER + "globaltopiccount",
                "Topics of the cluster",
                image.topicsById().size()));
        all.add(gauge(CONTROLLER + "globalpartitioncount", "Partitions of the cluster", health.partitions));
        all.add(gauge(CONTROLLER + "offlinepartitionscount", "Partitions without a leader", health.offline));
    }

    /** Counts partitions by their state. */
    private final class Health {
        private int partitions;
        private int offline;
        private int underReplicated;

        Health(MetadataImage image) {
            for (TopicImage topic : image.topicsById().values()) {
                topic.partitions().forEach(partition -> add(topic, partition));
            }
        }

        private void add(TopicImage topic, PartitionImage image) {
            partitions++;
            offline += BrokerMetrics.this.partitions.isOffline(topic.id(), image.index()) ? 1 : 0;
            underReplicated += image.isr().size() < image.replicas().size() ? 1 : 0;
        }
    }

    /** The logs of the first partitions, if there are too many. */
    private void addLogs(List<MetricSnapshot> all) {
        List<Partition> open = partitions.all();
        List<Partition> shown = open.size() <= partitionsMost ? open : open.subList(0, (int) partitionsMost);
        all.add(ofLogs("size", "In bytes", shown, LogView::sizeInBytes));
        all.add(ofLogs("logstartoffset", "The first offset that can be read", shown, LogView::startOffset));
        all.add(ofLogs("logendoffset", "The offset that the next record gets", shown, LogView::endOffset));
        all.add(ofLogs(
                "numlogsegments",
                "Files of records",
                shown,
                view -> view.segments().size()));
        all.add(gauge(
                "gregor_metrics_left_out_partitions",
                "Partitions whose logs are not shown",
                open.size() - shown.size()));
    }

    private static MetricSnapshot ofLogs(
            String name, String help, List<Partition> shown, ToDoubleFunction<LogView> value) {
        Map<Labels, Double> values = new HashMap<>();
        for (Partition partition : shown) {
            Labels labels = Labels.of("topic", partition.topic(), "partition", Integer.toString(partition.index()));
            values.put(labels, value.applyAsDouble(partition.view()));
        }
        return Series.gauge(LOG + name, help, values);
    }

    /** Of all topics, and of each as far as it has any; of the first topics, if there are too many. */
    private void addTraffic(List<MetricSnapshot> all) {
        List<TopicTraffic> shown = traffic.topics().stream().limit(topicsMost).toList();
        for (TopicTraffic.Kind kind : TopicTraffic.Kind.values()) {
            Map<Labels, Double> values = new HashMap<>();
            values.put(Labels.EMPTY, (double) traffic.all().count(kind));
            for (TopicTraffic topic : shown) {
                long count = topic.count(kind);
                if (count > 0) {
                    values.put(Labels.of("topic", topic.topic()), (double) count);
                }
            }
            all.add(Series.counter(TRAFFIC + kind.name().toLowerCase(Locale.ROOT), kind.help(), values));
        }
    }

    private void addMemory(List<MetricSnapshot> all) {
        Map<Labels, Double> used = new HashMap<>();
        Map<Labels, Double> limits = new HashMap<>();
        for (ByteBudget budget : budgets) {
            Labels labels = Labels.of("purpose", budget.purpose());
            used.put(labels, (double) budget.used());
            limits.put(labels, (double) budget.limit());
        }
        all.add(Series.gauge("gregor_memory_used_bytes", "Of the share that a purpose has of the memory", used));
        all.add(Series.gauge("gregor_memory_limit_bytes", "The share that a purpose has of the memory", limits));
    }
}
