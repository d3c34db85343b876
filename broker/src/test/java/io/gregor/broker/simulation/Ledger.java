package io.gregor.broker.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.replica.Partition;
import io.gregor.coordinator.runtime.TopicPartition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * What producers have sent and what they were told of it, and what readers have seen: the model that partitions are
 * compared with. Each value is sent once, and of one producer to one partition in the order of their numbers, which
 * follow the last slash. Where a power loss may take what was acknowledged, it is only held against a partition that it
 * shows what nobody committed. Confined to one thread.
 */
final class Ledger {
    private final boolean keepsAll;
    private final Map<String, SentTransaction> byValue = new HashMap<>();
    private final List<SentTransaction> transactions = new ArrayList<>();
    private final Map<TopicPartition, Set<String>> acknowledged = new HashMap<>();
    private final Map<TopicPartition, List<String>> seen = new HashMap<>();

    /** @param keepsAll whether what was acknowledged must not be lost */
    Ledger(boolean keepsAll) {
        this.keepsAll = keepsAll;
    }

    boolean keepsAll() {
        return keepsAll;
    }

    SentTransaction begin(String id, String name) {
        SentTransaction transaction = new SentTransaction(id, name);
        transactions.add(transaction);
        return transaction;
    }

    void sent(SentTransaction transaction, TopicPartition partition, String value) {
        byValue.put(value, transaction);
        transaction.sent().put(value, partition);
    }

    void acknowledged(TopicPartition partition, List<String> values) {
        acknowledged.computeIfAbsent(partition, p -> new HashSet<>()).addAll(values);
    }

    /** An offset that no other transaction commits. */
    long nextOffset() {
        return transactions.size();
    }

    int count(SentTransaction.Outcome outcome) {
        return (int) transactions.stream()
                .filter(transaction -> transaction.outcome() == outcome)
                .count();
    }

    /** Compares a partition, of which something may be under way. */
    void check(TopicPartition name, Partition partition) throws IOException {
        ReadPartition read = ReadPartition.of(partition.view());
        assertThat(misplaced(name, read.all()))
                .as("%s: twice, out of order, or of another partition", name)
                .isEmpty();
        List<String> uncommitted = new ArrayList<>(read.committed());
        uncommitted.removeIf(value -> transactionOf(value).mayBeCommitted());
        assertThat(uncommitted)
                .as("%s: visible, though nobody committed it", name)
                .isEmpty();
        if (keepsAll) {
            checkKept(name, read);
        }
    }

    private void checkKept(TopicPartition name, ReadPartition read) {
        Set<String> lost = new TreeSet<>(acknowledged.getOrDefault(name, Set.of()));
        read.all().forEach(lost::remove);
        assertThat(lost).as("%s: acknowledged, and lost", name).isEmpty();
        List<String> before = seen.getOrDefault(name, List.of());
        int common = Math.min(before.size(), read.committed().size());
        assertThat(read.committed().subList(0, common))
                .as("%s: visible before", name)
                .isEqualTo(before.subList(0, common));
        if (read.committed().size() > before.size()) {
            seen.put(name, read.committed());
        }
    }

    private SentTransaction transactionOf(String value) {
        return Objects.requireNonNull(byValue.get(value), value);
    }

    private List<String> misplaced(TopicPartition partition, List<String> values) {
        List<String> misplaced = new ArrayList<>();
        Map<String, Integer> last = new HashMap<>();
        for (String value : values) {
            int number = Integer.parseInt(value.substring(value.lastIndexOf('/') + 1));
            Integer before = last.put(value.substring(0, value.indexOf('/')), number);
            boolean follows = before == null || number > before;
            if (!follows || !partition.equals(transactionOf(value).sent().get(value))) {
                misplaced.add(value);
            }
        }
        return misplaced;
    }

    /** Compares all partitions once every transaction has ended, which says what became of each. */
    void checkEnded(Map<TopicPartition, Partition> partitions) throws IOException {
        Map<TopicPartition, Set<String>> committed = new LinkedHashMap<>();
        for (Map.Entry<TopicPartition, Partition> partition : partitions.entrySet()) {
            check(partition.getKey(), partition.getValue());
            List<String> visible = ReadPartition.of(partition.getValue().view()).committed();
            if (keepsAll) {
                assertThat(visible)
                        .as("%s: visible before", partition.getKey())
                        .containsAll(seen.getOrDefault(partition.getKey(), List.of()));
            }
            committed.put(partition.getKey(), new HashSet<>(visible));
        }
        transactions.forEach(transaction -> checkEnded(transaction, committed));
    }

    private void checkEnded(SentTransaction transaction, Map<TopicPartition, Set<String>> committed) {
        long visible = transaction.sent().entrySet().stream()
                .filter(sent ->
                        committed.getOrDefault(sent.getValue(), Set.of()).contains(sent.getKey()))
                .count();
        if (!transaction.mayBeCommitted()) {
            assertThat(visible).as("%s: aborted", transaction.name()).isZero();
        } else if (keepsAll) {
            boolean known = transaction.outcome() == SentTransaction.Outcome.COMMITTED;
            long all = transaction.sent().size();
            assertThat(visible).as("%s: all of it", transaction.name()).isIn(known ? all : 0L, all);
            transaction.outcome(visible > 0 ? SentTransaction.Outcome.COMMITTED : SentTransaction.Outcome.ABORTED);
        }
    }

    /** Compares the offset of a transactional id's group, after {@link #checkEnded}. */
    void checkOffset(String id, long found) {
        long expected = -1;
        for (SentTransaction transaction : transactions) {
            boolean counts = transaction.id().equals(id)
                    && transaction.offset() >= 0
                    && transaction.outcome() == SentTransaction.Outcome.COMMITTED;
            expected = counts ? transaction.offset() : expected;
        }
        if (keepsAll) {
            assertThat(found).as("offset of %s", id).isEqualTo(expected);
        }
    }
}
