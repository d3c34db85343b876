package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.OffsetDeleteRequest;
import io.gregor.wire.message.OffsetDeleteRequest.OffsetDeleteRequestPartition;
import io.gregor.wire.message.OffsetDeleteRequest.OffsetDeleteRequestTopic;
import io.gregor.wire.message.OffsetDeleteResponse;
import io.gregor.wire.message.OffsetDeleteResponse.OffsetDeleteResponsePartition;
import io.gregor.wire.message.OffsetDeleteResponse.OffsetDeleteResponseTopic;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Deletes committed offsets (KIP-496). The caller has sorted out unknown topics.
 *
 * <p>Error precedence: for the group INVALID_GROUP_ID, GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP unless it is one of
 * consumers; for a topic GROUP_SUBSCRIBED_TO_TOPIC.
 */
public final class DeleteOffsets {
    private final GroupOffsets offsets;

    public DeleteOffsets(GroupOffsets offsets) {
        this.offsets = offsets;
    }

    public void handle(OffsetDeleteRequest request, Consumer<OffsetDeleteResponse> reply) {
        if (request.groupId().isEmpty()) {
            reply.accept(new OffsetDeleteResponse().errorCode(ErrorCode.INVALID_GROUP_ID.code()));
            return;
        }
        Group group = offsets.store().group(request.groupId());
        if (group == null) {
            reply.accept(new OffsetDeleteResponse().errorCode(ErrorCode.GROUP_ID_NOT_FOUND.code()));
            return;
        }
        if (!group.isEmpty() && !Group.CONSUMERS.equals(group.protocolType())) {
            reply.accept(new OffsetDeleteResponse().errorCode(ErrorCode.NON_EMPTY_GROUP.code()));
            return;
        }
        List<OffsetDeleteResponseTopic> topics = new ArrayList<>();
        Set<TopicPartition> doomed = new LinkedHashSet<>();
        Predicate<String> subscription = group.subscription();
        for (OffsetDeleteRequestTopic topic : request.topics()) {
            boolean subscribed = subscription.test(topic.name());
            ErrorCode error = subscribed ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE;
            List<OffsetDeleteResponsePartition> results = new ArrayList<>();
            for (OffsetDeleteRequestPartition partition : topic.partitions()) {
                TopicPartition key = new TopicPartition(topic.name(), partition.partitionIndex());
                results.add(new OffsetDeleteResponsePartition()
                        .partitionIndex(partition.partitionIndex())
                        .errorCode(error.code()));
                if (!subscribed && offsets.committed().contains(group.id(), key)) {
                    doomed.add(key);
                }
            }
            topics.add(new OffsetDeleteResponseTopic().name(topic.name()).partitions(results));
        }
        offsets.delete(
                group.id(),
                List.copyOf(doomed),
                stored -> reply.accept(
                        stored == ErrorCode.NONE
                                ? new OffsetDeleteResponse().topics(topics)
                                : new OffsetDeleteResponse().errorCode(stored.code())));
    }
}
