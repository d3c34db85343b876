package io.gregor.broker.telemetry;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.DataPointFlags;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Reads the numbers out of one push, under names as all versions of Prometheus allow them. */
final class OtlpReader {
    private static final String TOTAL = "_total";

    private final ClientIdentity client;
    private final Consumer<Point> points;
    private int leftOut;

    /**
     * A number.
     *
     * @param name without {@code _total}, which Prometheus itself adds to the names of counters
     * @param counter whether it only grows
     * @param delta whether it is what came since the last one
     */
    record Point(String name, boolean counter, boolean delta, Map<String, String> labels, double value) {}

    private OtlpReader(ClientIdentity client, Consumer<Point> points) {
        this.client = client;
        this.points = points;
    }

    /** Returns how many metrics were left out, since they are no numbers: histograms and summaries. */
    static int read(byte[] otlp, ClientIdentity client, Consumer<Point> points) throws InvalidProtocolBufferException {
        OtlpReader reader = new OtlpReader(client, points);
        for (ResourceMetrics resource : MetricsData.parseFrom(otlp).getResourceMetricsList()) {
            Map<String, String> labels = reader.labels(resource.getResource().getAttributesList());
            for (ScopeMetrics scope : resource.getScopeMetricsList()) {
                scope.getMetricsList().forEach(metric -> reader.read(metric, labels));
            }
        }
        return reader.leftOut;
    }

    private Map<String, String> labels(List<KeyValue> ofResource) {
        Map<String, String> labels = new TreeMap<>();
        ofResource.forEach(one -> labels.put(legal(one.getKey()), text(one.getValue())));
        // What the broker knows counts for more than what the client says.
        labels.put("client_instance_id", client.instance().toString());
        labels.put("client_id", client.clientId());
        labels.put("client_software_name", client.softwareName());
        labels.put("client_software_version", client.softwareVersion());
        return labels;
    }

    private void read(Metric metric, Map<String, String> labels) {
        switch (metric.getDataCase()) {
            case GAUGE -> read(metric.getGauge().getDataPointsList(), metric.getName(), false, false, labels);
            case SUM ->
                read(
                        metric.getSum().getDataPointsList(),
                        metric.getName(),
                        metric.getSum().getIsMonotonic(),
                        metric.getSum().getAggregationTemporality()
                                == AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA,
                        labels);
            default -> leftOut++;
        }
    }

    private void read(
            List<NumberDataPoint> values, String name, boolean counter, boolean delta, Map<String, String> ofResource) {
        for (NumberDataPoint one : values) {
            if ((one.getFlags() & DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK_VALUE) == 0) {
                Map<String, String> labels = new TreeMap<>(ofResource);
                one.getAttributesList()
                        .forEach(label -> labels.putIfAbsent(legal(label.getKey()), text(label.getValue())));
                double value = one.hasAsInt() ? (double) one.getAsInt() : one.getAsDouble();
                points.accept(new Point(baseName(name), counter, delta, labels, value));
            }
        }
    }

    private static String baseName(String name) {
        String legal = legal(name);
        return legal.endsWith(TOTAL) && legal.length() > TOTAL.length()
                ? legal.substring(0, legal.length() - TOTAL.length())
                : legal;
    }

    private static String legal(String name) {
        String legal = name.replaceAll("[^a-zA-Z0-9_]", "_").replaceAll("^_{2,}", "_");
        return legal.isEmpty() || Character.isDigit(legal.charAt(0)) ? "_" + legal : legal;
    }

    private static String text(AnyValue value) {
        return switch (value.getValueCase()) {
            case STRING_VALUE -> value.getStringValue();
            case BOOL_VALUE -> String.valueOf(value.getBoolValue());
            case INT_VALUE -> String.valueOf(value.getIntValue());
            case DOUBLE_VALUE -> String.valueOf(value.getDoubleValue());
            case VALUE_NOT_SET -> "";
            default -> value.toString();
        };
    }
}
