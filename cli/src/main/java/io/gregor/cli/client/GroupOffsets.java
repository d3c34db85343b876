package io.gregor.cli.client;

import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.gregor.wire.message.OffsetCommitResponse;
import io.gregor.wire.message.OffsetFetchRequest;
import io.gregor.wire.message.OffsetFetchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a group has committed. Confined to the main thread. */
public final class GroupOffsets {
    private static final int VERSION_WITH_SEVERAL_GROUPS = 8;

    private final GroupCoordinator coordinator;

    public GroupOffsets(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    /** All offsets that the group has committed. */
    public SortedMap<TopicPartition, Long> all() {
        return coordinator.retrying(address -> {
            boolean several = coordinator.cluster().version(ApiKey.OFFSET_FETCH) >= VERSION_WITH_SEVERAL_GROUPS;
            OffsetFetchRequest request = several
                    ? new OffsetFetchRequest()
                            .groups(List.of(new OffsetFetchRequest.OffsetFetchRequestGroup()
                                    .groupId(coordinator.group())
                                    .topics(null)))
                    : new OffsetFetchRequest().groupId(coordinator.group()).topics(null);
            OffsetFetchResponse response =
                    coordinator.cluster().at(address, ApiKey.OFFSET_FETCH, request, 0, OffsetFetchResponse.class);
            SortedMap<TopicPartition, Long> offsets = new TreeMap<>();
            if (several) {
                readGroup(response.groups().get(0), offsets);
            } else {
                readTopics(response, offsets);
            }
            return offsets;
        });
    }

    private void readGroup(
            OffsetFetchResponse.OffsetFetchResponseGroup group, SortedMap<TopicPartition, Long> offsets) {
        BrokerException.throwIfError(group.errorCode(), null, what());
        for (OffsetFetchResponse.OffsetFetchResponseTopics topic : group.topics()) {
            topic.partitions().forEach(one -> {
                BrokerException.throwIfError(one.errorCode(), null, what());
                put(topic.name(), one.partitionIndex(), one.committedOffset(), offsets);
            });
        }
    }

    private void readTopics(OffsetFetchResponse response, SortedMap<TopicPartition, Long> offsets) {
        BrokerException.throwIfError(response.errorCode(), null, what());
        for (OffsetFetchResponse.OffsetFetchResponseTopic topic : response.topics()) {
            topic.partitions().forEach(one -> {
                BrokerException.throwIfError(one.errorCode(), null, what());
                put(topic.name(), one.partitionIndex(), one.committedOffset(), offsets);
            });
        }
    }

    private static void put(String topic, int partition, long offset, SortedMap<TopicPartition, Long> offsets) {
        if (offset >= 0) {
            offsets.put(new TopicPartition(topic, partition), offset);
        }
    }

    private String what() {
        return "group " + coordinator.group();
    }

    /**
     * Commits, as a member of the group or for one without members.
     *
     * @param epoch of the member or generation, -1 without
     * @throws BrokerException if the coordinator refuses
     */
    public void commit(Map<TopicPartition, Long> offsets, String memberId, int epoch) {
        Map<String, List<OffsetCommitRequestPartition>> byTopic = new TreeMap<>();
        offsets.forEach((partition, offset) -> byTopic.computeIfAbsent(partition.topic(), key -> new ArrayList<>())
                .add(new OffsetCommitRequestPartition()
                        .partitionIndex(partition.partition())
                        .committedOffset(offset)));
        List<OffsetCommitRequestTopic> topics = new ArrayList<>();
        byTopic.forEach((name, partitions) ->
                topics.add(new OffsetCommitRequestTopic().name(name).partitions(partitions)));
        OffsetCommitRequest request = new OffsetCommitRequest()
                .groupId(coordinator.group())
                .memberId(memberId)
                .generationIdOrMemberEpoch(epoch)
                .topics(topics);
        coordinator.retrying(address -> {
            OffsetCommitResponse response =
                    coordinator.cluster().at(address, ApiKey.OFFSET_COMMIT, request, 0, OffsetCommitResponse.class);
            response.topics()
                    .forEach(topic -> topic.partitions()
                            .forEach(one -> BrokerException.throwIfError(
                                    one.errorCode(),
                                    null,
                                    what() + ": offset of " + topic.name() + "-" + one.partitionIndex()
                                            + " not committed")));
            return response;
        });
    }
}
