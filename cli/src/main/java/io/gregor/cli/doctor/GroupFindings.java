package io.gregor.cli.doctor;

import io.gregor.cli.client.Group;
import io.gregor.cli.client.Lag;
import io.gregor.cli.client.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What is wrong with a group, as far as one look at it shows. */
final class GroupFindings {
    private GroupFindings() {}

    /** A line for each. */
    static List<String> of(Group group, Lag lag) {
        List<String> findings = new ArrayList<>();
        String name = "group " + group.id();
        for (TopicPartition partition : lag.partitions()) {
            Long committed = lag.committed().get(partition);
            Long begin = lag.begin().get(partition);
            Long end = lag.end().get(partition);
            if (committed == null) {
                continue;
            }
            if (begin == null || end == null) {
                findings.add(name + " has committed offset " + committed + " of " + partition
                        + ", which is not there, or has no leader");
            } else if (committed < begin) {
                findings.add(name + " is at " + committed + " of " + partition + ", which begins at " + begin + ": "
                        + (begin - committed) + " offsets are gone by retention or delete-records");
            } else if (committed > end) {
                findings.add(name + " is at " + committed + " of " + partition + ", which ends at " + end
                        + ": the topic may have been made anew; gregor group reset sets the offset");
            }
        }
        members(group, name, findings);
        return findings;
    }

    private static void members(Group group, String name, List<String> findings) {
        if (List.of("PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling")
                .contains(group.state())) {
            String waiting = group.members().stream()
                    .filter(member -> !member.settled())
                    .map(member -> member.id() + " at " + member.host())
                    .collect(Collectors.joining(", "));
            findings.add(name + " is rebalancing (" + group.state() + ")"
                    + (waiting.isEmpty()
                            ? ": its " + group.members().size() + " members have not all joined"
                            : ": it waits for " + waiting));
        }
        if (group.state().equals("Stable") && !group.members().isEmpty()) {
            TreeSet<TopicPartition> assigned = new TreeSet<>();
            group.members().forEach(member -> assigned.addAll(member.assigned()));
            if (assigned.isEmpty()) {
                findings.add(name + " has members, and none of them a partition: are their topics there?");
            }
        }
    }
}
