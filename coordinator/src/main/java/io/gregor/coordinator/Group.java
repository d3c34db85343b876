package io.gregor.coordinator;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A group of either protocol, as offsets, lists and deletion see it. */
sealed interface Group permits ClassicGroup, ConsumerGroup {
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

    /** The topics that members say they read, if they are consumers, as of now. */
    Predicate<String> subscription();

    /** What deletes the group in the log; its offsets have records of their own. */
    List<CoordinatorRecord> tombstones();
}
