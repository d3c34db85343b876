package io.gregor.broker.api.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.cluster.OneReply;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.net.LocalPeer;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.broker.replica.Partitions;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ListOffsetsRequest;
import io.gregor.wire.message.ListOffsetsRequest.ListOffsetsPartition;
import io.gregor.wire.message.ListOffsetsRequest.ListOffsetsTopic;
import io.gregor.wire.message.ListOffsetsResponse;
import io.gregor.wire.message.ListOffsetsResponse.ListOffsetsPartitionResponse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ListOffsetsHandlerTest {
    private static final long TIME_MS = 1000;

    private final ManualLane lane = new ManualLane();
    private final List<Runnable> offloaded = new ArrayList<>();
    private final ListOffsetsHandler handler = new ListOffsetsHandler(
            new PartitionLookup(
                    new ClusterMetadata(),
                    new Partitions(
                            BrokerConfig.of(Map.of()), List.of(), List.of(lane), InstantSource.system(), Runnable::run),
                    1),
            offloaded::add);

    @Test
    void partitionsThatAreNamedAgainAreRefusedWithoutASearch() {
        OneReply<ListOffsetsResponse> reply = ask(Collections.nCopies(900, wanted(0)));

        assertThat(offloaded).isEmpty();
        assertThat(answers(reply)).singleElement().satisfies(answer -> {
            assertThat(answer.errorCode()).isEqualTo(ErrorCode.INVALID_REQUEST.code());
        });
    }

    @Test
    void partitionsThatAreNamedOnceAreSearchedOffTheLoop() {
        OneReply<ListOffsetsResponse> reply = ask(List.of(wanted(2), wanted(0), wanted(1), wanted(0)));

        assertThat(offloaded).hasSize(1);
        offloaded.get(0).run();
        assertThat(answers(reply))
                .extracting(ListOffsetsPartitionResponse::partitionIndex, ListOffsetsPartitionResponse::errorCode)
                .containsExactly(
                        tuple(2, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code()),
                        tuple(0, ErrorCode.INVALID_REQUEST.code()),
                        tuple(1, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code()));
    }

    @Test
    void aTopicWithoutPartitionsIsNotAnswered() {
        OneReply<ListOffsetsResponse> reply = ask(List.of());

        assertThat(reply.sent().topics()).isEmpty();
    }

    private OneReply<ListOffsetsResponse> ask(List<ListOffsetsPartition> partitions) {
        OneReply<ListOffsetsResponse> reply = new OneReply<>();
        ListOffsetsRequest request = new ListOffsetsRequest()
                .topics(List.of(new ListOffsetsTopic().name("t").partitions(partitions)));
        handler.handle(new LocalPeer("PLAINTEXT").asks((short) 7, 0, "client", lane), request, reply);
        return reply;
    }

    private static List<ListOffsetsPartitionResponse> answers(OneReply<ListOffsetsResponse> reply) {
        return reply.sent().topics().get(0).partitions();
    }

    private static ListOffsetsPartition wanted(int partition) {
        return new ListOffsetsPartition().partitionIndex(partition).timestamp(TIME_MS);
    }
}
