package io.gregor.coordinator.group;

/** Makes the groups that only hold offsets. Confined to the shard's lane. */
public interface SimpleGroups {
    /** Makes a group that nobody has joined, unless there is a group of that id, of whichever type. */
    void createIfAbsent(String groupId);

    /** The memory that such a group takes, in bytes. */
    long bytes(String groupId);
}
