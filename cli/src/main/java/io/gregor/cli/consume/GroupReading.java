package io.gregor.cli.consume;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.GroupCoordinator;
import io.gregor.cli.client.GroupOffsets;
import io.gregor.cli.client.Offsets;
import io.gregor.cli.client.TopicPartition;
import io.gregor.cli.text.Position;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Reads as a member of a group: what it was assigned, from where the group has committed. Commits what was printed once
 * a second, before it loses partitions, and at the end. Confined to the main thread, but for the hook that ends it.
 */
final class GroupReading {
    private static final long COMMIT_MS = 1_000;
    private static final long LEAVING_MS = 5_000;

    private final Reading reading;
    private final Membership member;
    private final GroupCoordinator coordinator;
    private final Position from;
    private final SortedMap<TopicPartition, Long> positions = new TreeMap<>();
    private final SortedMap<TopicPartition, Long> committed = new TreeMap<>();
    private final SortedMap<TopicPartition, Long> end = new TreeMap<>();
    private boolean everAssigned;
    private long nextCommitMs;
    private final CountDownLatch left = new CountDownLatch(1);
    private volatile boolean interrupted;

    GroupReading(Reading reading, Membership member, GroupCoordinator coordinator, Position from) {
        this.reading = reading;
        this.member = member;
        this.coordinator = coordinator;
        this.from = from;
    }

    /** Until enough was printed, the end is reached, or the process is to end. */
    void read() {
        Thread hook = new Thread(this::interrupt, "leave");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            while (!interrupted && !isDone()) {
                step();
            }
        } finally {
            leave();
        }
        if (!interrupted) {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private void leave() {
        try {
            commit();
            member.leave();
        } finally {
            left.countDown();
        }
    }

    /** Waits for the main thread, which commits and leaves the group. */
    private void interrupt() {
        interrupted = true;
        try {
            if (!left.await(LEAVING_MS, TimeUnit.MILLISECONDS)) {
                System.err.println("gregor: the group could not be left in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isDone() {
        return everAssigned && reading.isDone(positions, end);
    }

    private void step() {
        if (member.keepAlive(this::commit)) {
            assigned();
        }
        if (positions.isEmpty()) {
            reading.cluster().time().pause(100);
            return;
        }
        reading.step(positions);
        if (reading.cluster().time().nowMs() >= nextCommitMs) {
            commit();
        }
    }

    private void assigned() {
        positions.keySet().retainAll(member.assignment());
        committed.keySet().retainAll(member.assignment());
        TreeSet<TopicPartition> added = new TreeSet<>(member.assignment());
        added.removeAll(positions.keySet());
        everAssigned |= !member.assignment().isEmpty();
        if (added.isEmpty()) {
            return;
        }
        SortedMap<TopicPartition, Long> known = new GroupOffsets(coordinator).all();
        known.keySet().retainAll(added);
        committed.putAll(known);
        positions.putAll(known);
        added.removeAll(known.keySet());
        if (!added.isEmpty()) {
            positions.putAll(from.resolve(reading.offsets(), added));
        }
        if (!reading.follows()) {
            end.putAll(reading.offsets().of(member.assignment(), Offsets.END));
        }
    }

    private void commit() {
        nextCommitMs = reading.cluster().time().nowMs() + COMMIT_MS;
        SortedMap<TopicPartition, Long> changed = new TreeMap<>(positions);
        changed.entrySet().removeIf(one -> one.getValue().equals(committed.get(one.getKey())));
        if (changed.isEmpty()) {
            return;
        }
        try {
            member.commit(changed);
            committed.putAll(changed);
        } catch (BrokerException e) {
            // Another member has the partitions by now, and reads them from the last commit on.
            nextCommitMs = 0;
        } catch (ClientException e) {
            throw new ClientException("what was printed could not be committed: " + e.getMessage(), e);
        }
    }
}
