package io.gregor.broker.api.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.access.Access;
import io.gregor.broker.access.DeniedAccess;
import io.gregor.broker.cluster.ClusterInfo;
import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.cluster.Controller;
import io.gregor.broker.cluster.OneReply;
import io.gregor.broker.cluster.TopicCreation;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.Listener;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.LocalPeer;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.OnePartition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.TopicNames;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.log.disk.RealDisk;
import io.gregor.wire.Message;
import io.gregor.wire.message.DeleteGroupsRequest;
import io.gregor.wire.message.DeleteGroupsResponse;
import io.gregor.wire.message.DeleteGroupsResponse.DeletableGroupResult;
import io.gregor.wire.message.DescribeGroupsRequest;
import io.gregor.wire.message.DescribeGroupsResponse;
import io.gregor.wire.message.DescribeGroupsResponse.DescribedGroup;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FindCoordinatorRequest;
import io.gregor.wire.message.ListGroupsResponse.ListedGroup;
import io.gregor.wire.message.OffsetFetchRequest;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.gregor.wire.message.OffsetFetchResponse;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import io.gregor.wire.message.SyncGroupRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of the groups that a request names, each is asked for; without a coordinator the others are NOT_COORDINATOR. */
class GroupAccessTest {
    private static final short DENIED = ErrorCode.GROUP_AUTHORIZATION_FAILED.code();
    private static final short NOT_HERE = ErrorCode.NOT_COORDINATOR.code();

    @TempDir
    Path folder;

    private final ManualLane lane = new ManualLane();
    private final ClusterMetadata metadata = new ClusterMetadata();
    private OnePartition t;
    private CoordinatorShards<GroupShard> groups;

    @BeforeEach
    void begin() throws IOException {
        t = new OnePartition(new RealDisk(), folder, lane, InstantSource.system(), Map.of());
        groups = new CoordinatorShards<>(
                TopicNames.OFFSETS,
                metadata,
                t.partitions(),
                Runnable::run,
                partition -> {
                    throw new AssertionError(partition.name());
                },
                shard -> {});
    }

    private RequestContext context(int version, Access access) {
        return new LocalPeer("PLAINTEXT").asks((short) version, 0, "client", lane, access);
    }

    private <Q extends Message, S extends Message> S ask(
            ApiHandler<Q, S> handler, int version, Q request, String denied) {
        OneReply<S> reply = new OneReply<>();
        handler.handle(context(version, new DeniedAccess(denied)), request, reply);
        return reply.sent();
    }

    @Test
    void describing() {
        DescribeGroupsResponse response = ask(
                new DescribeGroupsHandler(groups),
                5,
                new DescribeGroupsRequest().groups(List.of("secret", "open")),
                "DESCRIBE GROUP secret");
        assertThat(response.groups()).extracting(DescribedGroup::errorCode).containsExactly(DENIED, NOT_HERE);
    }

    @Test
    void syncing() {
        SyncGroupRequest request = new SyncGroupRequest().groupId("secret");
        SyncGroupHandler handler = new SyncGroupHandler(groups);
        String denied = "READ GROUP secret";
        assertThat(ask(handler, 4, request, denied).errorCode()).isEqualTo(DENIED);
        assertThat(ask(handler, 5, request, denied).errorCode())
                .as("the form is looked at before")
                .isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL.code());
        request.protocolType("consumer").protocolName("range");
        assertThat(ask(handler, 5, request, denied).errorCode()).isEqualTo(DENIED);
        assertThat(ask(handler, 5, request, "READ GROUP open").errorCode()).isEqualTo(NOT_HERE);
    }

    @Test
    void deleting() {
        DeleteGroupsResponse response = ask(
                new DeleteGroupsHandler(groups),
                2,
                new DeleteGroupsRequest().groupsNames(List.of("secret", "open", "secret")),
                "DELETE GROUP secret");
        assertThat(response.results())
                .extracting(DeletableGroupResult::errorCode)
                .containsExactly(DENIED, NOT_HERE);
    }

    @Test
    void fetchingOffsets() {
        OffsetFetchResponse response = ask(
                new OffsetFetchHandler(groups, new PartitionLookup(metadata, t.partitions(), 1)),
                9,
                new OffsetFetchRequest()
                        .groups(List.of(
                                new OffsetFetchRequestGroup().groupId("secret").topics(List.of()),
                                new OffsetFetchRequestGroup().groupId("open").topics(List.of()))),
                "DESCRIBE GROUP secret");
        assertThat(response.groups())
                .extracting(OffsetFetchResponseGroup::errorCode)
                .containsExactly(DENIED, NOT_HERE);
    }

    /** What is not allowed does not make the coordinator's topic either. */
    @Test
    void findingTheCoordinator() {
        Controller controller = new Controller() {
            @Override
            public <R extends Message> CompletionStage<R> submit(Message request, ControllerContext context) {
                throw new AssertionError(request);
            }
        };
        FindCoordinatorHandler handler = new FindCoordinatorHandler(
                new ClusterInfo("c", 1, null, Map.of("PLAINTEXT", new Listener("PLAINTEXT", "h", 1)), Set.of()),
                metadata,
                t.partitions(),
                new TopicCreation(BrokerConfig.of(Map.of()), metadata, controller));
        FindCoordinatorRequest request =
                new FindCoordinatorRequest().key("secret").coordinatorKeys(List.of("secret"));
        String denied = "DESCRIBE GROUP secret";
        assertThat(ask(handler, 4, request, denied).coordinators().get(0).errorCode())
                .isEqualTo(DENIED);
        assertThat(ask(handler, 3, request, denied).errorCode()).isEqualTo(DENIED);
    }

    @Test
    void listing() {
        List<ListedGroup> all = List.of(new ListedGroup().groupId("secret"), new ListedGroup().groupId("open"));
        String ofCluster = "DESCRIBE CLUSTER kafka-cluster";
        String ofGroup = "DESCRIBE GROUP secret";
        assertThat(ListGroupsHandler.allowed(context(4, new DeniedAccess(ofGroup)), all))
                .hasSize(2);
        assertThat(ListGroupsHandler.allowed(context(4, new DeniedAccess(ofGroup, ofCluster)), all))
                .extracting(ListedGroup::groupId)
                .containsExactly("open");
    }
}
