package io.gregor.cli.client;

import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ListGroupsRequest;
import io.gregor.wire.message.ListGroupsResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The groups of all coordinators. */
public final class GroupList {
    /** A group and what it is; type and state are empty where the broker is too old to say. Immutable. */
    public record Entry(String id, String type, String state) {}

    private GroupList() {}

    /** All groups, by id. */
    public static List<Entry> of(Cluster cluster) {
        cluster.retrying(() -> cluster.metadata(List.of(), false));
        List<Entry> entries = new ArrayList<>();
        for (int broker : List.copyOf(cluster.brokers().keySet())) {
            ListGroupsResponse response = cluster.retrying(() -> {
                ListGroupsResponse one = cluster.broker(
                        broker, ApiKey.LIST_GROUPS, new ListGroupsRequest(), 0, ListGroupsResponse.class);
                BrokerException.throwIfError(one.errorCode(), null, "broker " + broker);
                return one;
            });
            response.groups()
                    .forEach(group -> entries.add(new Entry(
                            group.groupId(), group.groupType().toLowerCase(Locale.ROOT), group.groupState())));
        }
        entries.sort(Comparator.comparing(Entry::id));
        return entries;
    }
}
