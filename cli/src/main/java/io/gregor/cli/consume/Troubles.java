package io.gregor.cli.consume;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.TopicPartition;
import io.gregor.wire.message.ErrorCode;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Which partitions cannot be read for the moment, and since when. Confined to the main thread. Tells of those that have
 * no leader; ends the reading when one cannot be read for too long.
 */
final class Troubles {
    private final Cluster cluster;
    private final boolean patient;
    private final Consumer<String> tell;
    private final Map<TopicPartition, Long> sinceMs = new HashMap<>();
    private int pauses;

    /** @param patient whether to wait for a leader for as long as it takes */
    Troubles(Cluster cluster, boolean patient, Consumer<String> tell) {
        this.cluster = cluster;
        this.patient = patient;
        this.tell = tell;
    }

    /**
     * Takes note of what became of some partitions.
     *
     * @throws ClientException if it is no use to go on with one of them
     */
    void settle(Collection<TopicPartition> asked, Map<TopicPartition, ClientException> failed) {
        long nowMs = cluster.time().nowMs();
        for (TopicPartition partition : asked) {
            ClientException failure = failed.get(partition);
            if (failure == null) {
                sinceMs.remove(partition);
                continue;
            }
            boolean leaderless =
                    failure instanceof BrokerException answered && answered.code() == ErrorCode.LEADER_NOT_AVAILABLE;
            if (sinceMs.putIfAbsent(partition, nowMs) == null && leaderless) {
                tell.accept(failure.getMessage() + ": it is asked for again");
            }
            long failingMs = nowMs - sinceMs.getOrDefault(partition, nowMs);
            if (failingMs >= cluster.patienceMs(failure) && !(patient && leaderless)) {
                throw failingMs == 0 ? failure : failure.after(failingMs);
            }
        }
        pauses = sinceMs.isEmpty() ? 0 : pauses;
    }

    /** These are read no more. */
    void forget() {
        sinceMs.clear();
    }

    /** Waits a little, if something cannot be read. */
    void pause() {
        if (!sinceMs.isEmpty()) {
            pauses++;
            cluster.time().pause(cluster.backoffMs(pauses));
        }
    }
}
