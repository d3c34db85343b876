package io.gregor.cli.consume;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.GroupCoordinator;
import io.gregor.cli.client.GroupOffsets;
import io.gregor.cli.client.TopicPartition;
import io.gregor.cli.text.Position;
import io.gregor.wire.message.ErrorCode;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Reads as a member of a group: what it was assigned, from where the group has committed. Commits what was printed once
 * a second, before it loses partitions, and at the end. Confined to the main thread, but for the hook that ends it.
 */
final class GroupReading implements Membership.Losses {
    private static final long COMMIT_MS = 1_000;
    private static final long LEAVING_MS = 5_000;
    private static final long WITHOUT_PARTITION_MS = 100;

    /** The member has to join again; others are errors of the commit itself. */
    private static final Set<ErrorCode> NO_MEMBER = EnumSet.of(
            ErrorCode.FENCED_MEMBER_EPOCH,
            ErrorCode.ILLEGAL_GENERATION,
            ErrorCode.REBALANCE_IN_PROGRESS,
            ErrorCode.STALE_MEMBER_EPOCH,
            ErrorCode.UNKNOWN_MEMBER_ID);

    private final Reading reading;
    private final Membership member;
    private final GroupCoordinator coordinator;
    private final Position from;
    private final Consumer<String> tell;
    private final Positions positions;
    private final SortedMap<TopicPartition, Long> committed = new TreeMap<>();
    /** Where nothing was committed before. */
    private final SortedMap<TopicPartition, Long> began = new TreeMap<>();

    private long nextCommitMs;
    private final CountDownLatch left = new CountDownLatch(1);
    private volatile boolean interrupted;

    GroupReading(
            Reading reading, Membership member, GroupCoordinator coordinator, Position from, Consumer<String> tell) {
        this.reading = reading;
        this.member = member;
        this.coordinator = coordinator;
        this.from = from;
        this.tell = tell;
        positions = reading.positions(this::begin);
    }

    /**
     * Until enough was printed, the end is reached, or the process is to end.
     *
     * @throws ClientException if something could not be read, printed or committed
     */
    void read() {
        Thread hook = new Thread(this::interrupt, "leave");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            readAndCommit();
        } finally {
            leave();
            left.countDown();
        }
        if (!interrupted) {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private void readAndCommit() {
        try {
            while (!interrupted && !reading.isDone(positions)) {
                step();
            }
        } catch (ClientException e) {
            try {
                commit();
            } catch (ClientException besides) {
                e.addSuppressed(besides);
            }
            throw e;
        }
        commit();
    }

    /** The group finds out by itself, if it is not told. */
    private void leave() {
        try {
            member.leave();
        } catch (ClientException e) {
            tell.accept("the group was not told of the end, and finds out later: " + e.getMessage());
        }
    }

    /** Waits for the main thread, which commits and leaves the group. */
    private void interrupt() {
        interrupted = true;
        try {
            if (!left.await(LEAVING_MS, TimeUnit.MILLISECONDS)) {
                tell.accept("the group could not be left in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void step() {
        if (member.keepAlive(this)) {
            assigned();
        }
        reading.step(positions);
        if (positions.next().isEmpty()) {
            reading.cluster().time().pause(WITHOUT_PARTITION_MS);
        }
        if (reading.cluster().time().nowMs() >= nextCommitMs) {
            commitIfMember();
        }
    }

    private void assigned() {
        retain(member.assignment());
        positions.add(member.assignment());
    }

    private SortedMap<TopicPartition, Long> begin(Collection<TopicPartition> added) {
        SortedMap<TopicPartition, Long> known = new GroupOffsets(coordinator).all();
        known.keySet().retainAll(added);
        committed.putAll(known);
        TreeSet<TopicPartition> others = new TreeSet<>(added);
        others.removeAll(known.keySet());
        if (!others.isEmpty()) {
            began.putAll(from.resolve(reading.offsets(), others));
            others.forEach(partition -> known.put(partition, began.getOrDefault(partition, 0L)));
        }
        return known;
    }

    @Override
    public void losing() {
        commitIfMember();
    }

    @Override
    public void lost() {
        retain(Set.of());
    }

    /** Forgets all other partitions, and tells what was printed of them in vain. */
    private void retain(Collection<TopicPartition> partitions) {
        SortedMap<TopicPartition, Long> uncommitted = uncommitted();
        uncommitted.keySet().removeAll(partitions);
        uncommitted.entrySet().removeIf(one -> one.getValue().equals(began.get(one.getKey())));
        if (!uncommitted.isEmpty()) {
            tell.accept("group " + coordinator.group() + ": the last records of " + uncommitted.keySet()
                    + " were printed, but not committed before the partitions were lost: they are read again");
        }
        positions.retain(partitions);
        committed.keySet().retainAll(partitions);
        began.keySet().retainAll(partitions);
    }

    private SortedMap<TopicPartition, Long> uncommitted() {
        SortedMap<TopicPartition, Long> changed = new TreeMap<>(positions.next());
        changed.entrySet().removeIf(one -> one.getValue().equals(committed.get(one.getKey())));
        return changed;
    }

    private void commitIfMember() {
        try {
            commit();
        } catch (BrokerException e) {
            if (!NO_MEMBER.contains(e.code())) {
                throw e;
            }
            member.doubt();
        }
    }

    private void commit() {
        nextCommitMs = reading.cluster().time().nowMs() + COMMIT_MS;
        SortedMap<TopicPartition, Long> changed = uncommitted();
        if (!changed.isEmpty()) {
            member.commit(changed);
            committed.putAll(changed);
        }
    }
}
