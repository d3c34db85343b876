package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.group.consumer.assignor.Assignor;
import java.util.List;

/** The broker's settings for groups of the consumer protocol, under Kafka's names; some may be set for one group. */
public interface ConsumerGroupConfig {
    /** Which groups may change their protocol while they have members. */
    enum Migration {
        DISABLED,
        UPGRADE,
        DOWNGRADE,
        BIDIRECTIONAL;

        public boolean allowsUpgrade() {
            return this == UPGRADE || this == BIDIRECTIONAL;
        }

        public boolean allowsDowngrade() {
            return this == DOWNGRADE || this == BIDIRECTIONAL;
        }
    }

    int sessionTimeoutMs(String groupId);

    int heartbeatIntervalMs(String groupId);

    /** The shortest time between two target assignments. */
    int assignmentIntervalMs(String groupId);

    int maxSize();

    /** The first is for members that do not ask for one. */
    List<Assignor> assignors();

    Migration migration();

    /** After what time regular expressions are resolved again even if there are no new topics. */
    int regexRefreshIntervalMs();
}
