package io.gregor.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was measured of both, and the table of the medians. */
final class Results {
    private final Side gregor = new Side();
    private final Side kafka = new Side();

    /** What was measured of one. */
    static final class Side {
        private final Map<String, List<Double>> values = new LinkedHashMap<>();

        void note(String what, double value) {
            values.computeIfAbsent(what, name -> new ArrayList<>()).add(value);
            System.err.printf(Locale.ROOT, "%s: %.1f%n", what, value);
        }

        private double median(String what) {
            List<Double> measured = values.getOrDefault(what, List.of());
            return measured.stream()
                    .sorted()
                    .skip(measured.size() / 2)
                    .findFirst()
                    .orElse(Double.NaN);
        }
    }

    Side of(boolean isGregor) {
        return isGregor ? gregor : kafka;
    }

    void print() {
        System.out.printf("%-50s %12s %12s %8s%n", "median", "Gregor", "Kafka", "ratio");
        for (String what : gregor.values.keySet()) {
            double ours = gregor.median(what);
            double theirs = kafka.median(what);
            System.out.printf(Locale.ROOT, "%-50s %12.1f %12.1f %8.2f%n", what, ours, theirs, ours / theirs);
        }
    }
}
