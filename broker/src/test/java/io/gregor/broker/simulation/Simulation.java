package io.gregor.broker.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.coordination.TransactionGate;
import io.gregor.broker.replica.Partition;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.log.disk.SimulatedDisk;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.message.ErrorCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A node whose disks fail and which ends in every way there is, and the producers that use it, all by one seed: the
 * tasks of its threads, the clients, the time and the faults come in a random order. Confined to one thread.
 */
final class Simulation {
    private static final List<Path> ROOTS = List.of(Path.of("/a"), Path.of("/b"));
    private static final int STEPS = 3000;
    private static final int IDS = 3;
    private static final int FAULT_ONCE_IN = 400;
    private static final int END_ONCE_IN = 400;
    private static final int END_OF_HALF_A_NODE_ONCE_IN = 100;
    private static final int SECOND_INSTANCE_ONCE_IN = 400;
    private static final int CHECK_ONCE_IN = 100;
    private static final int CHANGES_TO_LIVE_MAX = 60;
    private static final int DIES_WHILE_IT_STARTS_ONCE_IN = 4;
    private static final long SETTLING_MAX_MS = 300_000;
    private static final long SETTLING_STEP_MS = 50;

    private final Random random;
    private final SimulatedCluster.Flushed flushed;
    private final int transactionVersion;
    private final SimulatedDisk disk;
    private final FailingFolders folders;
    private final SimulatedCluster cluster;
    private final Ledger ledger;
    private final List<SimulatedProducer> producers = new ArrayList<>();
    private ManualTime time = new ManualTime();
    private @Nullable SimulatedNode node;
    private int instances;

    Simulation(long seed) throws IOException {
        random = new Random(seed);
        flushed = SimulatedCluster.Flushed.values()[random.nextInt(3)];
        transactionVersion = random.nextInt(3);
        ledger = new Ledger(flushed != SimulatedCluster.Flushed.TRANSACTIONS);
        disk = new SimulatedDisk(random);
        folders = new FailingFolders(disk, random, ROOTS);
        cluster = new SimulatedCluster(flushed, transactionVersion);
        for (Path root : ROOTS) {
            disk.createFolder(root);
        }
        start();
        for (int i = 0; i < IDS; i++) {
            addInstance("t" + i);
        }
    }

    Ledger ledger() {
        return ledger;
    }

    private void addInstance(String id) {
        // Of one age for each id: else a newer one that is fenced may take the end of an older one for its own.
        boolean adds = transactionVersion == 2 && !id.equals("t0");
        TransactionGate.Client client = adds ? TransactionGate.Client.ADDS : TransactionGate.Client.KNOWS_ABORTABLE;
        instances++;
        producers.add(new SimulatedProducer(id, id + "." + instances, client, ledger, random));
    }

    /** Runs all of it, and checks what is left. */
    void run() throws IOException {
        for (int i = 0; i < STEPS; i++) {
            act();
        }
        heal();
        settle(false);
        checkEnded();
        producers.clear();
        for (int i = 0; i < IDS; i++) {
            addInstance("t" + i);
        }
        settle(true);
        checkEnded();
    }

    private void act() throws IOException {
        try {
            if (node == null) {
                startOrHeal();
            } else {
                live(node);
            }
        } catch (RuntimeException | AssertionError e) {
            if (!disk.isDead()) {
                throw e;
            }
        }
        if (disk.isDead()) {
            crash();
        }
    }

    /** Also a start may be the end, at any change of the disk. */
    private void startOrHeal() throws IOException {
        if (once(DIES_WHILE_IT_STARTS_ONCE_IN)) {
            disk.dieAfter(random.nextInt(CHANGES_TO_LIVE_MAX));
        }
        if (!start()) {
            folders.set(anyRoot(), FailingFolders.Fault.NONE);
        }
    }

    private SimulatedNode node() {
        return Objects.requireNonNull(node);
    }

    private Path anyRoot() {
        return ROOTS.get(random.nextInt(ROOTS.size()));
    }

    private boolean once(int in) {
        return random.nextInt(in) == 0;
    }

    /** Does one thing. */
    private void live(SimulatedNode now) throws IOException {
        int what = random.nextInt(10);
        if (what < 6) {
            now.step(random);
        } else if (what < 9) {
            anyProducer().act(now, true);
        } else {
            time.advance(random.nextInt(once(20) ? 3000 : 30));
        }
        if (once(FAULT_ONCE_IN)) {
            FailingFolders.Fault[] faults = FailingFolders.Fault.values();
            folders.set(anyRoot(), once(2) ? FailingFolders.Fault.NONE : faults[random.nextInt(faults.length)]);
        }
        if (once(SECOND_INSTANCE_ONCE_IN)) {
            addInstance("t" + random.nextInt(IDS));
        }
        if (once(CHECK_ONCE_IN)) {
            anyProducer().disconnect();
            check();
        }
        boolean half = now.isPartlyOffline(ROOTS.size());
        if (once(half ? END_OF_HALF_A_NODE_ONCE_IN : END_ONCE_IN)) {
            end();
        }
    }

    /** Those that are fenced are replaced. */
    private SimulatedProducer anyProducer() {
        SimulatedProducer any = producers.get(random.nextInt(producers.size()));
        if (any.isEnded()) {
            producers.remove(any);
            if (producers.stream().noneMatch(other -> other.id().equals(any.id()))) {
                addInstance(any.id());
            }
        }
        return any;
    }

    private void end() throws IOException {
        switch (random.nextInt(4)) {
            case 0 -> stop();
            case 1 -> crash();
            default -> disk.dieAfter(random.nextInt(CHANGES_TO_LIVE_MAX));
        }
    }

    private void stop() {
        try {
            node().stop(random);
        } catch (IOException e) {
            // The next start recovers what could not be closed.
        }
        gone();
    }

    /** Without flushes a power loss may take what was acknowledged. */
    private void crash() throws IOException {
        if (flushed != SimulatedCluster.Flushed.NONE && random.nextBoolean()) {
            disk.losePower();
        } else {
            disk.startAgain();
        }
        gone();
    }

    private void gone() {
        node = null;
        producers.forEach(SimulatedProducer::disconnect);
    }

    /** False if it cannot start now. */
    private boolean start() throws IOException {
        ManualTime next = new ManualTime();
        next.advance(time.millis() - next.millis());
        time = next;
        try {
            node = new SimulatedNode(cluster, folders, ROOTS, time, random);
        } catch (IOException e) {
            assertThat(e.getCause() instanceof RuntimeException).as("%s", e).isFalse();
            return false;
        }
        check();
        return true;
    }

    private void heal() throws IOException {
        disk.startAgain();
        ROOTS.forEach(root -> folders.set(root, FailingFolders.Fault.NONE));
        if (node != null && node.isPartlyOffline(ROOTS.size())) {
            gone();
        }
        if (node == null) {
            assertThat(start()).as("it starts").isTrue();
        }
    }

    /**
     * Lets all come to its end, without a start: transactions that nobody ends run out of time.
     *
     * @param oneMore whether each producer commits a transaction before
     */
    private void settle(boolean oneMore) {
        long end = time.millis() + SETTLING_MAX_MS;
        boolean begins = oneMore;
        while (begins || !isSettled()) {
            assertThat(time.millis())
                    .as("still open: %s, %s", producers, views())
                    .isLessThan(end);
            for (SimulatedProducer producer : List.copyOf(producers)) {
                producer.act(node(), begins);
            }
            drain();
            time.advance(SETTLING_STEP_MS);
            begins = oneMore && !producers.stream().allMatch(SimulatedProducer::hasCommitted);
        }
    }

    private boolean isSettled() {
        return producers.stream().allMatch(SimulatedProducer::isIdle)
                && node().partitions().stream()
                        .allMatch(partition -> partition.view().lastStableOffset()
                                == partition.view().endOffset());
    }

    private List<String> views() {
        return node().partitions().stream()
                .map(partition -> partition + ": " + partition.view().lastStableOffset() + " of "
                        + partition.view().endOffset())
                .toList();
    }

    private Map<TopicPartition, Partition> online() {
        Map<TopicPartition, Partition> online = new LinkedHashMap<>();
        for (TopicPartition name : SimulatedCluster.DATA) {
            Partition partition = node().find(name).partition();
            if (partition != null) {
                online.put(name, partition);
            }
        }
        return online;
    }

    private void check() throws IOException {
        for (Map.Entry<TopicPartition, Partition> partition : online().entrySet()) {
            try {
                ledger.check(partition.getKey(), partition.getValue());
            } catch (IOException e) {
                // It cannot be read now.
            }
        }
    }

    private void checkEnded() throws IOException {
        assertThat(online().keySet()).containsAll(SimulatedCluster.DATA);
        ledger.checkEnded(online());
        for (int i = 0; i < IDS; i++) {
            checkOffset("t" + i);
        }
    }

    private void checkOffset(String id) {
        List<Long> found = new ArrayList<>();
        new Requests(node()).fetchOffsets(id, group -> {
            assertThat(ErrorCode.of(group.errorCode())).isEqualTo(ErrorCode.NONE);
            group.topics().forEach(topic -> {
                assertThat(topic.partitions().get(0).errorCode())
                        .as("%s: unstable", id)
                        .isZero();
                found.add(topic.partitions().get(0).committedOffset());
            });
            found.add(-1L);
        });
        drain();
        ledger.checkOffset(id, found.get(0));
    }

    private void drain() {
        boolean more = true;
        while (more) {
            more = node().step(random);
        }
    }
}
