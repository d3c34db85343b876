package io.gregor.broker.seed;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.seed.Seed.Commit;
import io.gregor.broker.seed.Seed.Group;
import io.gregor.controller.TopicImage;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FindCoordinatorRequest;
import io.gregor.wire.message.FindCoordinatorResponse;
import io.gregor.wire.message.ListOffsetsRequest;
import io.gregor.wire.message.ListOffsetsRequest.ListOffsetsPartition;
import io.gregor.wire.message.ListOffsetsRequest.ListOffsetsTopic;
import io.gregor.wire.message.ListOffsetsResponse;
import io.gregor.wire.message.ListOffsetsResponse.ListOffsetsPartitionResponse;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.gregor.wire.message.OffsetCommitResponse;
import io.gregor.wire.message.OffsetFetchRequest;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import io.gregor.wire.message.OffsetFetchResponse;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/** Commits offsets of groups that nobody is a member of yet. Confined to the thread that starts the broker. */
final class SeedOffsets {
    private static final int FIND_COORDINATOR = 6;
    private static final int OFFSET_COMMIT = 9;
    private static final int OFFSET_FETCH = 9;
    private static final int LIST_OFFSETS = 9;
    private static final long RETRY_MS = 20;
    private static final int TRIES = 1000;

    private final OwnRequests broker;
    private final ClusterMetadata metadata;
    private final boolean over;

    /** @param over whether offsets that are there are committed over */
    SeedOffsets(OwnRequests broker, ClusterMetadata metadata, boolean over) {
        this.broker = broker;
        this.metadata = metadata;
        this.over = over;
    }

    /** @return how many offsets were committed */
    int commit(Group group) throws IOException, InterruptedException {
        awaitCoordinator(group);
        int count = 0;
        for (Commit commit : group.commits()) {
            TopicImage topic = Objects.requireNonNull(metadata.image().topic(commit.topic()));
            boolean all = commit.partition() == Seed.ANY;
            int first = all ? 0 : commit.partition();
            int last = all ? topic.partitions().size() - 1 : commit.partition();
            for (int partition = first; partition <= last; partition++) {
                if (over || committed(group, commit, partition) < 0) {
                    commit(group, commit, partition);
                    count++;
                }
            }
        }
        return count;
    }

    private void awaitCoordinator(Group group) throws IOException, InterruptedException {
        FindCoordinatorRequest request = new FindCoordinatorRequest().coordinatorKeys(List.of(group.name()));
        short error = ErrorCode.COORDINATOR_NOT_AVAILABLE.code();
        for (int i = 0; i < TRIES && error == ErrorCode.COORDINATOR_NOT_AVAILABLE.code(); i++) {
            FindCoordinatorResponse response =
                    broker.ask(FindCoordinatorResponse.class, ApiKey.FIND_COORDINATOR, FIND_COORDINATOR, request);
            error = response.coordinators().get(0).errorCode();
            if (error == ErrorCode.COORDINATOR_NOT_AVAILABLE.code()) {
                broker.pause(RETRY_MS);
            }
        }
        SeedApplication.requireDone(group.at(), error, null);
    }

    private long committed(Group group, Commit commit, int partition) throws IOException, InterruptedException {
        OffsetFetchRequest request = new OffsetFetchRequest()
                .groups(List.of(new OffsetFetchRequestGroup()
                        .groupId(group.name())
                        .topics(List.of(new OffsetFetchRequestTopics()
                                .name(commit.topic())
                                .partitionIndexes(List.of(partition))))));
        for (int i = 0; ; i++) {
            OffsetFetchResponse response =
                    broker.ask(OffsetFetchResponse.class, ApiKey.OFFSET_FETCH, OFFSET_FETCH, request);
            OffsetFetchResponseGroup result = response.groups().get(0);
            if (!isLoading(result.errorCode()) || i == TRIES) {
                SeedApplication.requireDone(commit.at(), result.errorCode(), null);
                return result.topics().get(0).partitions().get(0).committedOffset();
            }
            broker.pause(RETRY_MS);
        }
    }

    private static boolean isLoading(short error) {
        return error == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS.code()
                || error == ErrorCode.COORDINATOR_NOT_AVAILABLE.code()
                || error == ErrorCode.NOT_COORDINATOR.code();
    }

    private void commit(Group group, Commit commit, int partition) throws IOException, InterruptedException {
        OffsetCommitRequest request = new OffsetCommitRequest()
                .groupId(group.name())
                .topics(List.of(new OffsetCommitRequestTopic()
                        .name(commit.topic())
                        .partitions(List.of(new OffsetCommitRequestPartition()
                                .partitionIndex(partition)
                                .committedOffset(offset(commit, partition))))));
        for (int i = 0; ; i++) {
            OffsetCommitResponse response =
                    broker.ask(OffsetCommitResponse.class, ApiKey.OFFSET_COMMIT, OFFSET_COMMIT, request);
            short error = response.topics().get(0).partitions().get(0).errorCode();
            if (!isLoading(error) || i == TRIES) {
                SeedApplication.requireDone(commit.at(), error, null);
                return;
            }
            broker.pause(RETRY_MS);
        }
    }

    private long offset(Commit commit, int partition) throws IOException, InterruptedException {
        return commit.offset() < 0 ? offset(commit.at(), commit.topic(), partition, commit.offset()) : commit.offset();
    }

    /** The offset that the next record of a partition gets. */
    long endOf(YamlNode at, String topic, int partition) throws IOException, InterruptedException {
        return offset(at, topic, partition, Commit.END);
    }

    /** The protocol has the same numbers for the beginning and the end. */
    private long offset(YamlNode at, String topic, int partition, long which) throws IOException, InterruptedException {
        ListOffsetsResponse response = broker.ask(
                ListOffsetsResponse.class,
                ApiKey.LIST_OFFSETS,
                LIST_OFFSETS,
                new ListOffsetsRequest()
                        .replicaId(-1)
                        .topics(List.of(new ListOffsetsTopic()
                                .name(topic)
                                .partitions(List.of(new ListOffsetsPartition()
                                        .partitionIndex(partition)
                                        .timestamp(which))))));
        ListOffsetsPartitionResponse result =
                response.topics().get(0).partitions().get(0);
        SeedApplication.requireDone(at, result.errorCode(), null);
        return result.offset();
    }
}
