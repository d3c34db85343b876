package io.gregor.coordinator.group;

import org.jspecify.annotations.Nullable;

/**
 * The sender of a request that commits offsets. Immutable.
 *
 * @param epoch the member's epoch, or the generation of a classic group; negative outside of group management
 * @param version of the request
 */
public record Committer(String memberId, @Nullable String instanceId, int epoch, boolean transactional, short version) {
    private static final int FIRST_VERSION_WITH_EPOCHS = 9;

    /** Whether the sender says that it is a member. */
    public boolean isMember() {
        return epoch >= 0 || !memberId.isEmpty() || instanceId != null;
    }

    /** Whether the request was sent by a version of the protocol that does not know the epochs of members. */
    public boolean knowsNoEpochs() {
        return !transactional && version < FIRST_VERSION_WITH_EPOCHS;
    }
}
