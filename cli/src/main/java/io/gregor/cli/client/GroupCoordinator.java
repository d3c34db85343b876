package io.gregor.cli.client;

import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.FindCoordinatorRequest;
import io.gregor.wire.message.FindCoordinatorResponse;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The broker that coordinates one group, or one transactional id. Confined to the main thread. */
public final class GroupCoordinator {
    private static final int VERSION_WITH_SEVERAL_KEYS = 4;

    private final Cluster cluster;
    private final String key;
    private @Nullable Address address;

    public GroupCoordinator(Cluster cluster, String group) {
        this.cluster = cluster;
        this.key = group;
    }

    public String group() {
        return key;
    }

    public Cluster cluster() {
        return cluster;
    }

    /** Runs it with the address of the coordinator, again while it fails for a reason that may pass. */
    public <T> T retrying(Function<Address, T> operation) {
        return cluster.retrying(() -> once(operation));
    }

    /** Runs it with the address of the coordinator, which is looked up anew if that failed before. */
    public <T> T once(Function<Address, T> operation) {
        Address known = address == null ? find() : address;
        address = known;
        try {
            return operation.apply(known);
        } catch (ClientException e) {
            address = null;
            throw e;
        }
    }

    private Address find() {
        String what = "group " + key;
        if (cluster.version(ApiKey.FIND_COORDINATOR) < VERSION_WITH_SEVERAL_KEYS) {
            FindCoordinatorResponse found = cluster.any(
                    ApiKey.FIND_COORDINATOR, new FindCoordinatorRequest().key(key), FindCoordinatorResponse.class);
            BrokerException.throwIfError(found.errorCode(), found.errorMessage(), what);
            return new Address(found.host(), found.port());
        }
        FindCoordinatorResponse.Coordinator found = cluster.any(
                        ApiKey.FIND_COORDINATOR,
                        new FindCoordinatorRequest().coordinatorKeys(List.of(key)),
                        FindCoordinatorResponse.class)
                .coordinators()
                .get(0);
        BrokerException.throwIfError(found.errorCode(), null, what);
        return new Address(found.host(), found.port());
    }
}
