package io.gregor.broker.api.cluster;

import io.gregor.broker.cluster.ClusterInfo;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.AddRaftVoterRequest;
import io.gregor.wire.message.AddRaftVoterResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.RemoveRaftVoterRequest;
import io.gregor.wire.message.RemoveRaftVoterResponse;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the quorum's voters (KIP-853). The quorum is this node, named in the configuration ({@code kraft.version}
 * 0), and stays so: UNSUPPORTED_VERSION, once the request makes sense.
 */
public final class RaftVoters {
    private static final String FEATURE = " voter because the kraft.version feature is 0";

    private final ClusterInfo cluster;
    private final String controllerListener;

    /** @param controllerListener the first of {@code controller.listener.names} */
    public RaftVoters(ClusterInfo cluster, String controllerListener) {
        this.cluster = cluster;
        this.controllerListener = controllerListener;
    }

    /** Why, with which error. */
    private record Refusal(ErrorCode error, String message) {}

    public AddRaftVoterResponse add(AddRaftVoterRequest request) {
        Refusal refusal = refusal(request.clusterId(), request.voterId(), request.voterDirectoryId(), "Add");
        boolean reachable = request.listeners().stream()
                .anyMatch(listener -> listener.name().equalsIgnoreCase(controllerListener));
        if (refusal == null && !reachable) {
            refusal = new Refusal(
                    ErrorCode.INVALID_REQUEST,
                    "Add voter request didn't include the endpoint for the default listener ListenerName("
                            + controllerListener + ")");
        }
        if (refusal == null) {
            refusal = new Refusal(ErrorCode.UNSUPPORTED_VERSION, "Cluster doesn't support adding" + FEATURE);
        }
        return new AddRaftVoterResponse().errorCode(refusal.error().code()).errorMessage(refusal.message());
    }

    public RemoveRaftVoterResponse remove(RemoveRaftVoterRequest request) {
        Refusal refusal = refusal(request.clusterId(), request.voterId(), request.voterDirectoryId(), "Remove");
        if (refusal == null) {
            refusal = new Refusal(ErrorCode.UNSUPPORTED_VERSION, "Cluster doesn't support removing" + FEATURE);
        }
        return new RemoveRaftVoterResponse().errorCode(refusal.error().code()).errorMessage(refusal.message());
    }

    private @Nullable Refusal refusal(@Nullable String clusterId, int voter, Uuid directory, String operation) {
        if (clusterId != null && !clusterId.equals(cluster.clusterId())) {
            return new Refusal(
                    ErrorCode.INCONSISTENT_CLUSTER_ID,
                    "The given id \"" + clusterId + "\" doesn't match the cluster id \"" + cluster.clusterId() + "\"");
        }
        return voter < 0 || directory.equals(Uuid.ZERO)
                ? new Refusal(ErrorCode.INVALID_REQUEST, operation + " voter request didn't include a valid voter")
                : null;
    }
}
