package io.gregor.coordinator.group;

import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.Weight;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A group of any type, as offsets, lists and deletion see it. Confined to the shard's lane. */
public interface Group {
    /** The protocol type of consumers: only theirs tell the broker which topics they read. */
    String CONSUMERS = "consumer";

    /** What else is checked for each partition of which an offset is committed. */
    interface PartitionCheck {
        ErrorCode check(Uuid topicId, int partition);
    }

    String id();

    /** As tools show it, and as filters name it. */
    String type();

    /** Null if it never had a member. */
    @Nullable
    String protocolType();

    /** As tools show it. */
    String shownState();

    boolean isEmpty();

    Weight weight();

    /** Whether it only holds offsets: nobody ever joined it. Then a group of another type may take its place. */
    boolean isSimple();

    /** The topics that members say they read, if they are consumers, as of now. */
    Predicate<String> subscription();

    /** What deletes the group in the log; its offsets have records of their own. */
    List<CoordinatorRecord> tombstones();

    /** NONE, or why the sender may commit no offset at all. */
    ErrorCode checkCommit(Committer committer);

    /** The check of each partition that the sender commits; null if there is none. */
    @Nullable
    PartitionCheck partitionCheck(Committer committer);

    /** NONE, or why that member may not ask for offsets. */
    ErrorCode checkFetch(@Nullable String memberId, int memberEpoch);

    /** The time since which an offset that was committed then is kept in vain; empty if it does not expire. */
    OptionalLong unusedSinceMs(long committedMs);
}
