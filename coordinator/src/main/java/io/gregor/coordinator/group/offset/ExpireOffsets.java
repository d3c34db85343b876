package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.runtime.Timers;
import io.gregor.wire.Uuid;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What time and deleted topics do to committed offsets. Confined to the shard's lane. All offsets are looked through in
 * steps, between which others have their turn; what is asked for meanwhile is done in one more pass behind that.
 */
public final class ExpireOffsets {
    private static final Timers.Key NEXT = new Timers.Key(Timers.Kind.NEXT_OFFSETS, "", "");

    private final GroupOffsets offsets;
    private @Nullable OffsetPass running;
    private boolean expire;
    private boolean forgetMissing;
    private Map<String, Set<Uuid>> gone = new HashMap<>();

    public ExpireOffsets(GroupOffsets offsets) {
        this.offsets = offsets;
    }

    /**
     * Deletes the offsets that have expired: those of classic groups {@code offsets.retention.minutes} after their last
     * member; those of topics that a stable group of consumers reads no longer, those of consumers outside of group
     * management, and those of consumer groups, that long after they were committed (KIP-211). A group that has nothing
     * left goes.
     */
    public void expire() {
        expire = true;
        goOn();
    }

    /**
     * Topics are gone: what was committed for them goes too, but not what was committed for a new topic of that name.
     *
     * @param topics their ids by their names
     */
    public void forgetTopics(Map<String, Uuid> topics) {
        topics.forEach((name, id) ->
                gone.computeIfAbsent(name, key -> new HashSet<>(2)).add(id));
        goOn();
    }

    /**
     * Forgets what was committed for topics that do not exist any more: nobody told a shard that was not loaded when
     * they were deleted.
     */
    public void forgetMissingTopics() {
        forgetMissing = true;
        goOn();
    }

    private void goOn() {
        if (!offsets.store().timers().isScheduled(NEXT)) {
            step();
        }
    }

    private void step() {
        OffsetPass pass = running == null ? begin() : running;
        running = null;
        boolean more = pass.step();
        running = more ? pass : null;
        if (more || expire || forgetMissing || !gone.isEmpty()) {
            offsets.store().timers().schedule(NEXT, 0, this::step);
        }
    }

    private OffsetPass begin() {
        OffsetPass pass = new OffsetPass(offsets, expire, forgetMissing, gone);
        expire = false;
        forgetMissing = false;
        gone = new HashMap<>();
        return pass;
    }
}
