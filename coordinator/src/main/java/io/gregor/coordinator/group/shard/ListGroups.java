package io.gregor.coordinator.group.shard;

import io.gregor.coordinator.group.GroupStore;
import io.gregor.wire.message.ListGroupsRequest;
import io.gregor.wire.message.ListGroupsResponse.ListedGroup;
import java.util.List;
import java.util.Objects;

/**
 * The groups of a shard, filtered by state (version 4, KIP-518) and type (version 5, KIP-848), in any case of letters.
 */
public final class ListGroups {
    private final GroupStore store;

    ListGroups(GroupStore store) {
        this.store = store;
    }

    public List<ListedGroup> handle(ListGroupsRequest request) {
        return store.groups().stream()
                .filter(group -> isWanted(request.typesFilter(), group.type())
                        && isWanted(request.statesFilter(), group.shownState()))
                .map(group -> new ListedGroup()
                        .groupId(group.id())
                        .protocolType(Objects.requireNonNullElse(group.protocolType(), ""))
                        .groupState(group.shownState())
                        .groupType(group.type()))
                .toList();
    }

    private static boolean isWanted(List<String> wanted, String value) {
        return wanted.isEmpty() || wanted.stream().anyMatch(value::equalsIgnoreCase);
    }
}
