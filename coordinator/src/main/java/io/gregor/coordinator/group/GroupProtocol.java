package io.gregor.coordinator.group;

import io.gregor.coordinator.runtime.RecordType;
import java.util.List;

/** A type of groups: what its records change, and its time limits. Confined to the shard's lane. */
public interface GroupProtocol {
    /** That of its groups. */
    String type();

    /** The types of records that make its groups. */
    List<RecordType<?, ?>> records();

    /** All records have been applied: from now on the members must show that they live. */
    void loaded();

    /** A client has committed offsets of one of its groups, perhaps as that member of it. */
    void committed(Group group, String memberId);
}
