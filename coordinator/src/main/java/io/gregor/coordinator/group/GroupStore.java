package io.gregor.coordinator.group;

import io.gregor.coordinator.runtime.AskedJournal;
import io.gregor.coordinator.runtime.Asking;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.Journal;
import io.gregor.coordinator.runtime.RecordTypes;
import io.gregor.coordinator.runtime.StateMemory;
import io.gregor.coordinator.runtime.Timers;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups of a shard by their ids, and what all types of groups need: the journal, timers, the clock and the topics.
 * Confined to the shard's lane. Records are appended to the journal first and then applied, as when they are loaded.
 */
public final class GroupStore {
    private static final Logger LOG = LoggerFactory.getLogger(GroupStore.class);

    private final Map<String, GroupProtocol> protocols = new HashMap<>();
    private final RecordTypes records = new RecordTypes();

    /** Callbacks that wait for the newest append of {@link #store} to become durable; null if none is in flight. */
    private @Nullable List<Consumer<ErrorCode>> behindNewest;

    private final StateMemory memory;
    private final Groups groups;
    private final GroupTopics topics;
    private final AskedJournal journal;
    private final Timers timers;
    private final InstantSource clock;
    private final Supplier<Uuid> memberIds;

    /** @param memberIds unique, for the member ids that the coordinator gives out */
    public GroupStore(
            StateMemory memory,
            GroupTopics topics,
            Journal journal,
            Timers timers,
            InstantSource clock,
            Supplier<Uuid> memberIds) {
        this.memory = memory;
        this.groups = new Groups(memory);
        this.topics = topics;
        this.journal = new AskedJournal(journal, new Asking());
        this.timers = timers;
        this.clock = clock;
        this.memberIds = memberIds;
    }

    /** Makes a type of groups known, with its records. */
    public void add(GroupProtocol protocol) {
        protocols.put(protocol.type(), protocol);
        records.add(protocol.records());
    }

    public Collection<GroupProtocol> protocols() {
        return protocols.values();
    }

    public GroupProtocol protocolOf(Group group) {
        return Objects.requireNonNull(protocols.get(group.type()));
    }

    public RecordTypes records() {
        return records;
    }

    public StateMemory memory() {
        return memory;
    }

    public Journal journal() {
        return journal;
    }

    public Asking asking() {
        return journal.asking();
    }

    public Timers timers() {
        return timers;
    }

    public GroupTopics topics() {
        return topics;
    }

    public long nowMs() {
        return clock.millis();
    }

    /** Unique, for a member of any group. */
    public Uuid newMemberId() {
        return memberIds.get();
    }

    /** All groups as of now: some may be put or removed meanwhile. */
    public List<Group> groups() {
        return List.copyOf(groups.all());
    }

    public @Nullable Group group(String groupId) {
        return groups.find(groupId);
    }

    /** Takes the place of a group of that id. */
    public void put(Group group) {
        groups.put(group);
    }

    public void remove(String groupId) {
        groups.remove(groupId);
    }

    /**
     * Stores what an operation has decided for a group and applies it at once; then says how that went, as soon as it
     * is durable. Who comes in between finds the group as it is now, and is answered later.
     *
     * @param applied run right after the records are applied
     */
    public void store(List<CoordinatorRecord> changes, Runnable applied, Consumer<ErrorCode> done) {
        if (changes.isEmpty()) {
            applied.run();
            if (behindNewest == null) {
                done.accept(ErrorCode.NONE);
            } else {
                behindNewest.add(journal.answering(done));
            }
            return;
        }
        List<Consumer<ErrorCode>> behind = new ArrayList<>(List.of(journal.answering(done)));
        Runnable accepted = () -> {
            // Only now: of one that is refused there is nothing to wait for, but of those before it there may be.
            behindNewest = behind;
            applyAll(changes);
            applied.run();
        };
        journal.append(changes, null, accepted, appended -> answer(behind, appended.error()));
    }

    @SuppressWarnings("ReferenceEquality") // Has nothing been appended since?
    private void answer(List<Consumer<ErrorCode>> behind, ErrorCode error) {
        if (behindNewest == behind) {
            behindNewest = null;
        }
        for (Consumer<ErrorCode> done : behind) {
            try {
                done.accept(error);
            } catch (RuntimeException e) {
                LOG.error("What was to follow an append of groups failed", e);
            }
        }
    }

    /** Stores and applies records that need not be stored together: as many as can be. */
    public void storeInParts(List<CoordinatorRecord> changes, Consumer<ErrorCode> done) {
        journal.appendInParts(changes, this::applyAll, done);
    }

    private void applyAll(List<CoordinatorRecord> changes) {
        changes.forEach(records::apply);
    }
}
