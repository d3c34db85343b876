package io.gregor.broker.telemetry;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gregor.broker.metrics.Series;
import io.gregor.broker.telemetry.OtlpReader.Point;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The latest of what each client has pushed, as Prometheus reads it: gauges as they came, and what clients count from
 * push to push added up. Each series is labelled with its client, and shown until that pushes nothing of it for three
 * intervals. What finds no room is left out. Thread-safe.
 */
public final class PushedMetrics implements MultiCollector {
    /** Of one series, beside its texts. */
    private static final int SERIES_BYTES = 200;
    /** Of one label, beside its texts. */
    private static final int LABEL_BYTES = 60;
    /** Of what is told of all pushes: no client may use it. */
    private static final String OWN = "gregor_client_metrics_";

    /** By their names without what Prometheus adds to some: what remains has to be unique. */
    private final Map<String, Family> families = new TreeMap<>();

    private final ByteBudget memory;
    private final Map<ErrorCode, LongAdder> refused = new ConcurrentHashMap<>();
    private double received;
    private double leftOut;

    /** @param memory for all series together */
    public PushedMetrics(ByteBudget memory) {
        this.memory = memory;
    }

    /** All series of one name. */
    private record Family(String name, boolean counter, Map<Labels, Pushed> series) {
        boolean has(Point point) {
            return name.equals(point.name()) && counter == point.counter();
        }
    }

    /** One value; guarded by the whole. */
    private static final class Pushed {
        private final Uuid client;
        private double value;
        private long expiresAtMs;

        Pushed(Uuid client) {
            this.client = client;
        }
    }

    /** Takes one push. */
    synchronized void receive(ClientIdentity client, long expiresAtMs, byte[] otlp)
            throws InvalidProtocolBufferException {
        int unread = OtlpReader.read(otlp, client, point -> add(client.instance(), expiresAtMs, point));
        leftOut += unread;
        received++;
    }

    private void add(Uuid client, long expiresAtMs, Point point) {
        Pushed series = point.counter() && !(point.value() >= 0) ? null : series(client, point);
        if (series == null) {
            leftOut++;
        } else {
            series.value = point.delta() ? series.value + point.value() : point.value();
            series.expiresAtMs = expiresAtMs;
        }
    }

    /** The series that the point is of, or null if there is no room for it, or its name is taken. */
    private @Nullable Pushed series(Uuid client, Point point) {
        String key = PrometheusNaming.sanitizeMetricName(point.name());
        Family family = families.get(key);
        if (key.startsWith(OWN) || family != null && !family.has(point)) {
            return null;
        }
        Labels labels = Labels.of(
                List.copyOf(point.labels().keySet()), List.copyOf(point.labels().values()));
        Pushed known = family == null ? null : family.series().get(labels);
        if (known != null) {
            return known;
        }
        if (!memory.tryReserve(size(point.name(), labels))) {
            return null;
        }
        Pushed series = new Pushed(client);
        families.computeIfAbsent(key, name -> new Family(point.name(), point.counter(), new HashMap<>()))
                .series()
                .put(labels, series);
        return series;
    }

    private static int size(String name, Labels labels) {
        return SERIES_BYTES
                + name.length()
                + labels.stream()
                        .mapToInt(one -> LABEL_BYTES
                                + 2 * (one.getName().length() + one.getValue().length()))
                        .sum();
    }

    /** Notes what a client was answered. Never waits. */
    void count(ErrorCode error) {
        if (error != ErrorCode.NONE) {
            refused.computeIfAbsent(error, key -> new LongAdder()).increment();
        }
    }

    synchronized void forgetSilent(long nowMs) {
        families.values()
                .forEach(family -> family.series().entrySet().removeIf(one -> {
                    boolean gone = one.getValue().expiresAtMs <= nowMs;
                    memory.release(gone ? size(family.name(), one.getKey()) : 0);
                    return gone;
                }));
        families.values().removeIf(family -> family.series().isEmpty());
    }

    /** Shows these metrics, too. */
    public void registerWith(PrometheusRegistry registry) {
        registry.register(this);
    }

    @Override
    public synchronized MetricSnapshots collect() {
        List<MetricSnapshot> all = new ArrayList<>();
        Set<Uuid> clients = new HashSet<>();
        families.values().forEach(family -> {
            Map<Labels, Double> values = new HashMap<>();
            family.series().forEach((labels, series) -> {
                values.put(labels, series.value);
                clients.add(series.client);
            });
            all.add(
                    family.counter()
                            ? Series.counter(family.name(), "", values)
                            : Series.gauge(family.name(), "", values));
        });
        all.add(Series.gauge(OWN + "instances", "Clients whose metrics are shown", Series.of(clients.size())));
        all.add(Series.counter(OWN + "pushes", "Pushes that were taken", Series.of(received)));
        all.add(Series.counter(
                OWN + "left_out", "Metrics and points of these pushes that are not shown", Series.of(leftOut)));
        Map<Labels, Double> byError = new HashMap<>();
        refused.forEach((error, count) -> byError.put(Labels.of("error", error.name()), count.doubleValue()));
        all.add(Series.counter(OWN + "refused", "What clients asked or pushed and was refused", byError));
        return new MetricSnapshots(all);
    }
}
