package io.gregor.broker.api.transaction;

import io.gregor.broker.coordination.TransactionMarkers;
import io.gregor.broker.lane.Steps;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.Durability;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.coordinator.transaction.MarkerWriter.Marker;
import io.gregor.wire.OnDemandList;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.WriteTxnMarkersRequest;
import io.gregor.wire.message.WriteTxnMarkersRequest.WritableTxnMarker;
import io.gregor.wire.message.WriteTxnMarkersRequest.WritableTxnMarkerTopic;
import io.gregor.wire.message.WriteTxnMarkersResponse;
import io.gregor.wire.message.WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult;
import io.gregor.wire.message.WriteTxnMarkersResponse.WritableTxnMarkerResult;
import io.gregor.wire.message.WriteTxnMarkersResponse.WritableTxnMarkerTopicResult;
import io.gregor.wire.record.EndMarker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Ends transactions in partitions: what coordinators tell brokers, and administrators use to end those that hang.
 *
 * <p>Version 2: the version of the transaction, which tells whether the marker's epoch must be a new one (KIP-890).
 */
public record WriteTxnMarkersHandler(PartitionLookup lookup, TransactionMarkers markers)
        implements ApiHandler<WriteTxnMarkersRequest, WriteTxnMarkersResponse> {
    private static final int FIRST_TRANSACTION_VERSION_THAT_RAISES_EPOCHS = 2;

    @Override
    public void handle(RequestContext context, WriteTxnMarkersRequest request, Reply<WriteTxnMarkersResponse> reply) {
        List<WritableTxnMarker> wanted = request.markers();
        WritableTxnMarkerResult[] results = new WritableTxnMarkerResult[wanted.size()];
        // Each marker is read when its turn comes: requests may have very many.
        List<Consumer<Runnable>> steps = OnDemandList.of(results.length, i -> ended -> {
            WritableTxnMarker marker = wanted.get(i);
            List<Consumer<Runnable>> writes = new ArrayList<>();
            results[i] = result(marker, writes);
            Steps.run(writes, context.loop(), ended, reply::fail);
        });
        Steps.run(
                steps,
                context.loop(),
                () -> reply.send(new WriteTxnMarkersResponse().markers(Arrays.asList(results))),
                reply::fail);
    }

    /** The result of a marker, which its writes are going to fill. */
    private WritableTxnMarkerResult result(WritableTxnMarker marker, List<Consumer<Runnable>> writes) {
        List<WritableTxnMarkerTopicResult> topics =
                new ArrayList<>(marker.topics().size());
        for (WritableTxnMarkerTopic topic : marker.topics()) {
            List<WritableTxnMarkerPartitionResult> ofTopic =
                    new ArrayList<>(topic.partitionIndexes().size());
            topics.add(new WritableTxnMarkerTopicResult().name(topic.name()).partitions(ofTopic));
            for (int index : topic.partitionIndexes()) {
                WritableTxnMarkerPartitionResult result = new WritableTxnMarkerPartitionResult().partitionIndex(index);
                ofTopic.add(result);
                writes.add(ended -> write(marker, topic.name(), index, error -> {
                    result.errorCode(error.code());
                    ended.run();
                }));
            }
        }
        return new WritableTxnMarkerResult().producerId(marker.producerId()).topics(topics);
    }

    private void write(WritableTxnMarker marker, String topic, int index, Consumer<ErrorCode> done) {
        PartitionLookup.Found found = lookup.find(topic, index);
        Partition partition = found.partition();
        if (partition == null) {
            done.accept(found.error());
            return;
        }
        boolean raises = marker.transactionVersion() >= FIRST_TRANSACTION_VERSION_THAT_RAISES_EPOCHS;
        markers.write(
                partition,
                new Marker(marker.producerId(), marker.producerEpoch(), marker.transactionResult(), raises),
                new EndMarker(marker.transactionResult(), marker.coordinatorEpoch()),
                Durability.COMMITTED,
                done);
    }
}
