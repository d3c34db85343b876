package io.gregor.coordinator.group;

import io.gregor.wire.Uuid;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What coordinators of consumer groups must know of topics; a view of the cluster's newest metadata. */
public interface GroupTopics {
    /** @param racks of each partition, in order: the racks that have a replica of it, in alphabetical order */
    record Topic(Uuid id, String name, List<List<String>> racks) {
        public int partitions() {
            return racks.size();
        }
    }

    /** Null if there is none. */
    @Nullable
    Topic find(String name);

    /** Null if there is none. */
    @Nullable
    Topic find(Uuid id);

    Set<String> names();

    /** Grows with every change of the topics. */
    long version();

    /** Grows with every topic that is new. */
    long newTopicsVersion();
}
