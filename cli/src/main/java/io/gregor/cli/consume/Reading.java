package io.gregor.cli.consume;

import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Offsets;
import io.gregor.cli.client.TopicPartition;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.Output;
import io.gregor.wire.record.Record;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** Fetches and prints, until enough was printed or the end is reached. Confined to the main thread. */
final class Reading {
    private static final int MAX_WAIT_MS = 500;

    private final Cluster cluster;
    private final Troubles troubles;
    private final Fetcher fetcher;
    private final Output out;
    private final RecordFormat format;
    private final boolean committedOnly;
    private final boolean follow;
    private long left;

    /** @param follow whether to go on at the end */
    Reading(Cluster cluster, Console console, RecordFormat format, boolean committedOnly, long count, boolean follow) {
        this.cluster = cluster;
        this.out = console.out();
        this.format = format;
        this.committedOnly = committedOnly;
        this.follow = follow;
        left = count;
        troubles = new Troubles(cluster, follow, console::tell);
        fetcher = new Fetcher(cluster, committedOnly, troubles);
    }

    Cluster cluster() {
        return cluster;
    }

    Offsets offsets() {
        return new Offsets(cluster, committedOnly);
    }

    /** No positions yet. */
    Positions positions(Function<Collection<TopicPartition>, SortedMap<TopicPartition, Long>> begin) {
        return new Positions(cluster, offsets(), troubles, follow, begin);
    }

    /** Reads all of these partitions. */
    void read(
            Collection<TopicPartition> partitions,
            Function<Collection<TopicPartition>, SortedMap<TopicPartition, Long>> begin) {
        Positions positions = positions(begin);
        positions.add(partitions);
        while (!isDone(positions)) {
            step(positions);
        }
    }

    /** Whether enough was printed, or no partition is before its end. */
    boolean isDone(Positions positions) {
        return left == 0 || positions.isAtEnd();
    }

    /**
     * Prints what there is, or waits for it a moment; the positions go on behind what was printed.
     *
     * @throws io.gregor.cli.command.OutputException if it could not be printed: the positions stay
     */
    void step(Positions positions) {
        positions.findBegin();
        if (positions.next().isEmpty()) {
            troubles.pause();
            return;
        }
        SortedMap<TopicPartition, Long> printed = new TreeMap<>();
        for (Fetched fetched : fetcher.fetch(positions.next(), MAX_WAIT_MS)) {
            long next = fetched.nextOffset();
            for (Record record : fetched.records()) {
                if (left == 0) {
                    next = record.offset();
                    break;
                }
                format.print(fetched.partition(), record, out);
                left--;
            }
            printed.put(fetched.partition(), next);
        }
        out.writeOut();
        positions.advance(printed);
    }
}
