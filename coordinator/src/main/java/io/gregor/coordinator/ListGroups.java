package io.gregor.coordinator;

import io.gregor.wire.message.ListGroupsRequest;
import io.gregor.wire.message.ListGroupsResponse.ListedGroup;
import java.util.List;
import java.util.Objects;

/**
 * The groups of a shard, filtered by state (version 4, KIP-518) and type (version 5, KIP-848), in any case of letters.
 */
public final class ListGroups {
    private static final String TYPE = "classic";

    private final GroupShard shard;

    public ListGroups(GroupShard shard) {
        this.shard = shard;
    }

    public List<ListedGroup> handle(ListGroupsRequest request) {
        boolean typeWanted = request.typesFilter().isEmpty() || containsIgnoringCase(request.typesFilter(), TYPE);
        if (!typeWanted) {
            return List.of();
        }
        return shard.groups().values().stream()
                .filter(group -> request.statesFilter().isEmpty()
                        || containsIgnoringCase(
                                request.statesFilter(), group.state().shownAs()))
                .map(group -> new ListedGroup()
                        .groupId(group.id())
                        .protocolType(Objects.requireNonNullElse(group.protocolType(), ""))
                        .groupState(group.state().shownAs())
                        .groupType(TYPE))
                .toList();
    }

    private static boolean containsIgnoringCase(List<String> wanted, String value) {
        return wanted.stream().anyMatch(value::equalsIgnoreCase);
    }
}
