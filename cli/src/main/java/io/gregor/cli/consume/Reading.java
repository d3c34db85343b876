package io.gregor.cli.consume;

import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Offsets;
import io.gregor.cli.client.TopicPartition;
import io.gregor.wire.record.Record;
import java.io.PrintStream;
import java.util.SortedMap;
import java.util.TreeMap;

/** Fetches and prints, until enough was printed or the end is reached. Confined to the main thread. */
final class Reading {
    private static final int MAX_WAIT_MS = 500;

    private final Cluster cluster;
    private final Fetcher fetcher;
    private final PrintStream out;
    private final RecordFormat format;
    private final boolean committedOnly;
    private final boolean follow;
    private long left;

    /** @param follow whether to go on at the end */
    Reading(Cluster cluster, PrintStream out, RecordFormat format, boolean committedOnly, long count, boolean follow) {
        this.cluster = cluster;
        this.out = out;
        this.format = format;
        this.committedOnly = committedOnly;
        this.follow = follow;
        left = count;
        fetcher = new Fetcher(cluster, committedOnly);
    }

    Cluster cluster() {
        return cluster;
    }

    Offsets offsets() {
        return new Offsets(cluster, committedOnly);
    }

    boolean follows() {
        return follow;
    }

    /** Reads all from these offsets on. */
    void read(SortedMap<TopicPartition, Long> from) {
        SortedMap<TopicPartition, Long> positions = new TreeMap<>(from);
        SortedMap<TopicPartition, Long> end =
                follow ? new TreeMap<>() : offsets().of(from.keySet(), Offsets.END);
        while (!isDone(positions, end)) {
            step(positions);
        }
    }

    /** Whether enough was printed, or no partition is before its end. */
    boolean isDone(SortedMap<TopicPartition, Long> positions, SortedMap<TopicPartition, Long> end) {
        return left == 0
                || !follow
                        && positions.entrySet().stream()
                                .allMatch(one -> one.getValue() >= end.getOrDefault(one.getKey(), 0L));
    }

    /** Prints what there is, or waits for it a moment; the positions go on behind what was printed. */
    void step(SortedMap<TopicPartition, Long> positions) {
        for (Fetched fetched : fetcher.fetch(positions, MAX_WAIT_MS)) {
            long next = fetched.nextOffset();
            for (Record record : fetched.records()) {
                if (left == 0) {
                    next = record.offset();
                    break;
                }
                format.print(fetched.partition(), record, out);
                left--;
            }
            positions.put(fetched.partition(), next);
        }
        out.flush();
        if (out.checkError()) {
            // Whoever read it has ended: head, for example.
            left = 0;
        }
    }
}
