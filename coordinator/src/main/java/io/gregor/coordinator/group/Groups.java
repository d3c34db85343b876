package io.gregor.coordinator.group;

import io.gregor.coordinator.runtime.StateMemory;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The groups of a shard by their ids. Confined to the shard's lane. What they weigh is counted in its memory. */
public final class Groups {
    private final Map<String, Group> byId = new HashMap<>();
    private final StateMemory memory;

    Groups(StateMemory memory) {
        this.memory = memory;
    }

    @Nullable
    Group find(String groupId) {
        return byId.get(groupId);
    }

    Collection<Group> all() {
        return byId.values();
    }

    /** The group takes the place of one that had its id. */
    void put(Group group) {
        Group before = byId.put(group.id(), group);
        if (before != null) {
            before.weight().countNoMore();
        }
        group.weight().countIn(memory);
    }

    void remove(String groupId) {
        Group before = byId.remove(groupId);
        if (before != null) {
            before.weight().countNoMore();
        }
    }
}
