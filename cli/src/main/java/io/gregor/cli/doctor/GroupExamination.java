package io.gregor.cli.doctor;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Group;
import io.gregor.cli.client.Lag;
import io.gregor.cli.client.Topic;
import io.gregor.cli.client.TopicPartition;
import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Why a group gets nothing. Confined to the main thread. Looks for a few seconds where the group is rebalancing. */
final class GroupExamination {
    private static final int LOOKS_MAX = 5;
    private static final long BETWEEN_LOOKS_MS = 1_000;

    private final Report report;
    private final Cluster cluster;

    GroupExamination(Report report, Cluster cluster) {
        this.report = report;
        this.cluster = cluster;
    }

    void examine(String id) {
        Group group;
        try {
            group = settled(id);
        } catch (BrokerException e) {
            if (e.code() != ErrorCode.GROUP_ID_NOT_FOUND) {
                throw e;
            }
            report.fault("there is no group " + id + ": nobody joined it or committed in it,"
                    + " or what it committed has expired (offsets.retention.minutes)");
            return;
        }
        Lag lag = Lag.of(cluster, group);
        List<String> findings = GroupFindings.of(group, lag);
        findings.forEach(report::fault);
        missingTopics(group);
        String name = "group " + id;
        uncommitted(name, lag);
        if (group.members().isEmpty()) {
            report.fault(name + " has no members: nobody reads"
                    + (lag.total() > 0 ? " the " + lag.total() + " offsets that are there" : ""));
        } else if (lag.total() > 0) {
            report.fine(name + " has " + lag.total() + " offsets to read");
        } else if (findings.isEmpty()
                && lag.unknown().isEmpty()
                && !lag.partitions().isEmpty()) {
            report.fine(name + " has read all that there is, with "
                    + group.members().size() + " members");
        }
    }

    private void uncommitted(String name, Lag lag) {
        TreeSet<TopicPartition> uncommitted = new TreeSet<>(lag.partitions());
        uncommitted.removeAll(lag.committed().keySet());
        if (!uncommitted.isEmpty()) {
            report.unknown("how far " + name + " is in " + uncommitted, "it has committed nothing there");
        } else if (lag.partitions().isEmpty()) {
            report.unknown("how far " + name + " is", "it has committed nothing, and no member has a partition");
        }
    }

    /** The group once it does not rebalance any more, or after a few seconds as it is. */
    private Group settled(String id) {
        Group group = Group.describe(cluster, id);
        Set<String> members = ids(group);
        boolean sameMembers = true;
        for (int looks = 1; looks < LOOKS_MAX && !isSettled(group); looks++) {
            cluster.time().pause(BETWEEN_LOOKS_MS);
            group = Group.describe(cluster, id);
            sameMembers &= members.equals(ids(group));
        }
        if (!isSettled(group)) {
            report.fault("group " + id + " did not finish its rebalance for " + LOOKS_MAX + " s: "
                    + (sameMembers
                            ? "a member does not join again; it may be busy for longer than a heartbeat,"
                                    + " up to its max.poll.interval.ms"
                            : "members come and go; they may die, or poll too seldom (max.poll.interval.ms)"));
        }
        return group;
    }

    private static Set<String> ids(Group group) {
        return group.members().stream().map(Group.Member::id).collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean isSettled(Group group) {
        return group.state().equals("Stable") || group.state().equals(Group.EMPTY);
    }

    private void missingTopics(Group group) {
        Set<String> there = Topic.all(cluster).stream().map(Topic::name).collect(Collectors.toSet());
        for (Group.Member member : group.members()) {
            for (String topic : member.topics()) {
                if (!there.contains(topic)) {
                    report.fault("member " + member.id() + " at " + member.host() + " subscribes to topic " + topic
                            + ", which is not there");
                }
            }
        }
    }
}
