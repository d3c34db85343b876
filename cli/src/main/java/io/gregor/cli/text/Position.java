package io.gregor.cli.text;

import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.Offsets;
import io.gregor.cli.client.TopicPartition;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;

/** Where in partitions to begin, as users say it. Immutable. */
public record Position(Kind kind, long number) {
    public static final String ALLOWED = "beginning, end, an offset, -N (N before the end), or " + Times.ALLOWED;

    private enum Kind {
        BEGINNING,
        END,
        OFFSET,
        BEFORE_END,
        TIME
    }

    /**
     * What the text stands for.
     *
     * @param nowMs from which times ago are counted
     * @throws IllegalArgumentException with what is allowed
     */
    public static Position parse(String text, long nowMs) {
        if (text.equals("beginning")) {
            return new Position(Kind.BEGINNING, 0);
        }
        if (text.equals("end")) {
            return new Position(Kind.END, 0);
        }
        if (text.matches("-?\\d{1,18}")) {
            long number = Long.parseLong(text);
            return text.startsWith("-") ? new Position(Kind.BEFORE_END, -number) : new Position(Kind.OFFSET, number);
        }
        try {
            return new Position(Kind.TIME, Times.parse(text, nowMs));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(text + ": allowed is " + ALLOWED, e);
        }
    }

    /**
     * The offset in each partition that has a leader.
     *
     * @throws ClientException if it is an offset that no partition has
     */
    public SortedMap<TopicPartition, Long> resolve(Offsets offsets, Collection<TopicPartition> partitions) {
        return switch (kind) {
            case BEGINNING -> offsets.of(partitions, Offsets.BEGINNING);
            case END -> offsets.of(partitions, Offsets.END);
            case OFFSET -> offset(offsets, partitions);
            case BEFORE_END -> beforeEnd(offsets, partitions);
            case TIME -> time(offsets, partitions);
        };
    }

    private SortedMap<TopicPartition, Long> offset(Offsets offsets, Collection<TopicPartition> partitions) {
        SortedMap<TopicPartition, Long> first = offsets.of(partitions, Offsets.BEGINNING);
        SortedMap<TopicPartition, Long> end = offsets.of(partitions, Offsets.END);
        SortedMap<TopicPartition, Long> found = new TreeMap<>();
        StringBuilder ranges = new StringBuilder();
        boolean somewhere = false;
        for (TopicPartition partition : end.keySet()) {
            long lowest = first.getOrDefault(partition, 0L);
            long highest = end.getOrDefault(partition, 0L);
            somewhere |= lowest <= number && number <= highest;
            ranges.append(", ")
                    .append(partition)
                    .append(" goes from ")
                    .append(lowest)
                    .append(" to ")
                    .append(highest);
            found.put(partition, Math.min(Math.max(number, lowest), highest));
        }
        if (!somewhere) {
            throw new ClientException(
                    "there is no offset " + number + ": " + ranges.substring(Math.min(2, ranges.length())));
        }
        return found;
    }

    private SortedMap<TopicPartition, Long> beforeEnd(Offsets offsets, Collection<TopicPartition> partitions) {
        SortedMap<TopicPartition, Long> first = offsets.of(partitions, Offsets.BEGINNING);
        SortedMap<TopicPartition, Long> found = new TreeMap<>();
        offsets.of(partitions, Offsets.END)
                .forEach((partition, end) ->
                        found.put(partition, Math.max(first.getOrDefault(partition, 0L), end - number)));
        return found;
    }

    private SortedMap<TopicPartition, Long> time(Offsets offsets, Collection<TopicPartition> partitions) {
        SortedMap<TopicPartition, Long> end = offsets.of(partitions, Offsets.END);
        SortedMap<TopicPartition, Long> found = new TreeMap<>();
        offsets.of(partitions, number)
                .forEach((partition, offset) ->
                        found.put(partition, offset < 0 ? end.getOrDefault(partition, 0L) : offset));
        return found;
    }
}
