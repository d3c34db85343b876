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
import java.util.Set;
import java.util.TreeSet;

/**
 * What producers have sent and what they were told of it, and what readers have seen: the model that partitions are
 * compared with. Each value is sent once, and of one producer to one partition in the order of their numbers, which
 * follow the last slash. Confined to one thread.
 */
final class Ledger {
    private final Map<String, SentTransaction> byValue = new HashMap<>();
    private final List<SentTransaction> transactions = new ArrayList<>();
    private final Map<TopicPartition, Set<String>> acknowledged = new HashMap<>();
    private final Map<TopicPartition, List<String>> seen = new HashMap<>();

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
        assertThat(read.all()).as("%s: twice", name).doesNotHaveDuplicates();
        Set<String> lost = new TreeSet<>(acknowledged.getOrDefault(name, Set.of()));
        read.all().forEach(lost::remove);
        assertThat(lost).as("%s: acknowledged, and lost", name).isEmpty();
        checkOrder(name, read.all());
        for (String value : read.committed()) {
            SentTransaction.Outcome outcome = transactionOf(value).outcome();
            boolean mayBe =
                    outcome == SentTransaction.Outcome.COMMIT_ASKED || outcome == SentTransaction.Outcome.COMMITTED;
            assertThat(mayBe)
                    .as("%s: %s is visible, but %s", name, value, outcome)
                    .isTrue();
        }
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
        SentTransaction transaction = byValue.get(value);
        assertThat(transaction).as("%s was sent by somebody", value).isNotNull();
        return transaction;
    }

    private void checkOrder(TopicPartition partition, List<String> values) {
        Map<String, Integer> last = new HashMap<>();
        for (String value : values) {
            assertThat(transactionOf(value).sent().get(value))
                    .as("%s: sent to", value)
                    .isEqualTo(partition);
            int number = Integer.parseInt(value.substring(value.lastIndexOf('/') + 1));
            String producer = value.substring(0, value.indexOf('/'));
            assertThat(number).as("%s: order of %s", partition, value).isGreaterThan(last.getOrDefault(producer, -1));
            last.put(producer, number);
        }
    }

    /** Compares all partitions once every transaction has ended, which says what became of each. */
    void checkEnded(Map<TopicPartition, Partition> partitions) throws IOException {
        Map<TopicPartition, Set<String>> committed = new LinkedHashMap<>();
        for (Map.Entry<TopicPartition, Partition> partition : partitions.entrySet()) {
            check(partition.getKey(), partition.getValue());
            List<String> visible = ReadPartition.of(partition.getValue().view()).committed();
            assertThat(visible)
                    .as("%s: visible before", partition.getKey())
                    .containsAll(seen.getOrDefault(partition.getKey(), List.of()));
            committed.put(partition.getKey(), new HashSet<>(visible));
        }
        for (SentTransaction transaction : transactions) {
            long visible = transaction.sent().entrySet().stream()
                    .filter(sent ->
                            committed.getOrDefault(sent.getValue(), Set.of()).contains(sent.getKey()))
                    .count();
            long all = transaction.sent().size();
            String name = transaction.name();
            switch (transaction.outcome()) {
                case OPEN, ABORTED ->
                    assertThat(visible).as("%s: aborted", name).isZero();
                case COMMITTED -> assertThat(visible).as("%s: committed", name).isEqualTo(all);
                case COMMIT_ASKED -> {
                    assertThat(visible).as("%s: all or nothing", name).isIn(0L, all);
                    transaction.outcome(
                            visible > 0 ? SentTransaction.Outcome.COMMITTED : SentTransaction.Outcome.ABORTED);
                }
            }
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
        assertThat(found).as("offset of %s", id).isEqualTo(expected);
    }
}
