package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponsePartitions;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponseTopics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a group committed. With {@code requireStable} a partition for which an open transaction has committed an offset
 * gets UNSTABLE_OFFSET_COMMIT: the one who asks would begin where records are being processed (KIP-447).
 *
 * <p> Anything unknown (group, topic, partition) is offset -1 without an error, as consumers expect
 * who never committed. Null topics ask for all.
 */
public final class FetchOffsets {
    private final GroupOffsets offsets;

    public FetchOffsets(GroupOffsets offsets) {
        this.offsets = offsets;
    }

    /** @param topicIds the id of a topic by its name, zero if there is none */
    public OffsetFetchResponseGroup handle(
            OffsetFetchRequestGroup request, boolean requireStable, Function<String, Uuid> topicIds) {
        ErrorCode refused = check(request);
        if (refused != ErrorCode.NONE) {
            return new OffsetFetchResponseGroup().groupId(request.groupId()).errorCode(refused.code());
        }
        Map<TopicPartition, CommittedOffset> committed = offsets.committed().of(request.groupId());
        List<OffsetFetchRequestTopics> wanted = request.topics();
        List<OffsetFetchResponseTopics> topics = wanted == null ? all(committed, topicIds) : some(committed, wanted);
        if (requireStable) {
            topics.forEach(topic -> markUnstable(request.groupId(), topic));
        }
        return new OffsetFetchResponseGroup().groupId(request.groupId()).topics(topics);
    }

    private void markUnstable(String groupId, OffsetFetchResponseTopics topic) {
        for (OffsetFetchResponsePartitions partition : topic.partitions()) {
            if (offsets.committed().isPending(groupId, new TopicPartition(topic.name(), partition.partitionIndex()))) {
                partition
                        .committedOffset(-1)
                        .committedLeaderEpoch(-1)
                        .metadata("")
                        .errorCode(ErrorCode.UNSTABLE_OFFSET_COMMIT.code());
            }
        }
    }

    /** Members of consumer groups identify themselves: UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH, ILLEGAL_GENERATION. */
    private ErrorCode check(OffsetFetchRequestGroup request) {
        Group group = offsets.store().group(request.groupId());
        return group == null ? ErrorCode.NONE : group.checkFetch(request.memberId(), request.memberEpoch());
    }

    private static List<OffsetFetchResponseTopics> all(
            Map<TopicPartition, CommittedOffset> committed, Function<String, Uuid> topicIds) {
        Map<String, List<OffsetFetchResponsePartitions>> byTopic = new LinkedHashMap<>();
        committed.forEach((key, offset) -> byTopic.computeIfAbsent(key.topic(), topic -> new ArrayList<>())
                .add(partition(key.partition(), offset)));
        List<OffsetFetchResponseTopics> topics = new ArrayList<>();
        byTopic.forEach((name, partitions) -> topics.add(new OffsetFetchResponseTopics()
                .name(name)
                .topicId(topicIds.apply(name))
                .partitions(partitions)));
        return topics;
    }

    private static List<OffsetFetchResponseTopics> some(
            Map<TopicPartition, CommittedOffset> committed, List<OffsetFetchRequestTopics> wanted) {
        List<OffsetFetchResponseTopics> topics = new ArrayList<>();
        for (OffsetFetchRequestTopics topic : wanted) {
            List<OffsetFetchResponsePartitions> partitions = topic.partitionIndexes().stream()
                    .map(index -> partition(
                            index, ofTopic(committed.get(new TopicPartition(topic.name(), index)), topic.topicId())))
                    .toList();
            topics.add(new OffsetFetchResponseTopics()
                    .name(topic.name())
                    .topicId(topic.topicId())
                    .partitions(partitions));
        }
        return topics;
    }

    /** Null for one that was committed for another topic of that name, where both ids are known. */
    private static @Nullable CommittedOffset ofTopic(@Nullable CommittedOffset committed, Uuid topicId) {
        boolean isOther = committed != null
                && !committed.topicId().equals(Uuid.ZERO)
                && !topicId.equals(Uuid.ZERO)
                && !committed.topicId().equals(topicId);
        return isOther ? null : committed;
    }

    private static OffsetFetchResponsePartitions partition(int index, @Nullable CommittedOffset committed) {
        OffsetFetchResponsePartitions partition = new OffsetFetchResponsePartitions().partitionIndex(index);
        if (committed == null) {
            return partition.committedOffset(-1).committedLeaderEpoch(-1).metadata("");
        }
        return partition
                .committedOffset(committed.offset())
                .committedLeaderEpoch(committed.leaderEpoch())
                .metadata(committed.metadata());
    }
}
