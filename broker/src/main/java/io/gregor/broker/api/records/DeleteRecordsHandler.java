package io.gregor.broker.api.records;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.lane.Steps;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.TopicNames;
import io.gregor.log.LogView;
import io.gregor.wire.OnDemandList;
import io.gregor.wire.message.DeleteRecordsRequest;
import io.gregor.wire.message.DeleteRecordsRequest.DeleteRecordsPartition;
import io.gregor.wire.message.DeleteRecordsRequest.DeleteRecordsTopic;
import io.gregor.wire.message.DeleteRecordsResponse;
import io.gregor.wire.message.DeleteRecordsResponse.DeleteRecordsPartitionResult;
import io.gregor.wire.message.DeleteRecordsResponse.DeleteRecordsTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets partitions begin at a later offset; -1 is the high watermark.
 *
 * <p>Error precedence, for each partition: TOPIC_AUTHORIZATION_FAILED, INVALID_TOPIC_EXCEPTION for internal topics,
 * UNKNOWN_TOPIC_OR_PARTITION, POLICY_VIOLATION where nothing is to be deleted, OFFSET_OUT_OF_RANGE.
 */
public record DeleteRecordsHandler(PartitionLookup lookup)
        implements ApiHandler<DeleteRecordsRequest, DeleteRecordsResponse> {
    private static final Logger LOG = LoggerFactory.getLogger(DeleteRecordsHandler.class);
    private static final long HIGH_WATERMARK = -1;
    private static final long UNKNOWN = -1;

    @Override
    public void handle(RequestContext context, DeleteRecordsRequest request, Reply<DeleteRecordsResponse> reply) {
        Predicate<String> allowed = context.allowing(AclOperation.DELETE, ResourceType.TOPIC);
        List<DeleteRecordsTopicResult> topics = new ArrayList<>();
        List<Consumer<Runnable>> steps = new ArrayList<>();
        resultsWithOffsets(request).forEach((topic, byIndex) -> {
            List<DeleteRecordsPartitionResult> results = new ArrayList<>(byIndex.values());
            topics.add(new DeleteRecordsTopicResult().name(topic).partitions(results));
            if (allowed.test(topic)) {
                steps.add(ended -> Steps.run(
                        OnDemandList.of(results, result -> done -> delete(topic, result, done)),
                        context.loop(),
                        ended,
                        reply::fail));
            } else {
                results.forEach(
                        result -> result.lowWatermark(UNKNOWN).errorCode(ErrorCode.TOPIC_AUTHORIZATION_FAILED.code()));
            }
        });
        Steps.run(steps, context.loop(), () -> reply.send(new DeleteRecordsResponse().topics(topics)), reply::fail);
    }

    /**
     * A result for each partition, which holds the offset that is wanted until it is known what became of it: requests
     * name many partitions, and an object less for each counts. One that is named twice is answered once, for what is
     * named last.
     */
    private static Map<String, Map<Integer, DeleteRecordsPartitionResult>> resultsWithOffsets(
            DeleteRecordsRequest request) {
        Map<String, Map<Integer, DeleteRecordsPartitionResult>> all = new LinkedHashMap<>();
        for (DeleteRecordsTopic topic : request.topics()) {
            for (DeleteRecordsPartition partition : topic.partitions()) {
                all.computeIfAbsent(topic.name(), name -> new LinkedHashMap<>())
                        .computeIfAbsent(
                                partition.partitionIndex(),
                                index -> new DeleteRecordsPartitionResult().partitionIndex(index))
                        .lowWatermark(partition.offset());
            }
        }
        return all;
    }

    private void delete(String topic, DeleteRecordsPartitionResult result, Runnable ended) {
        long wanted = result.lowWatermark();
        PartitionLookup.Found found = lookup.find(topic, result.partitionIndex());
        Partition partition = found.partition();
        if (partition == null || TopicNames.isInternal(topic)) {
            ErrorCode error = partition == null ? found.error() : ErrorCode.INVALID_TOPIC_EXCEPTION;
            result.lowWatermark(UNKNOWN).errorCode(error.code());
            ended.run();
            return;
        }
        partition.lane().execute(() -> {
            ErrorCode error = delete(partition, wanted);
            long low = error == ErrorCode.NONE ? partition.view().startOffset() : UNKNOWN;
            result.lowWatermark(low).errorCode(error.code());
            ended.run();
        });
    }

    private static ErrorCode delete(Partition partition, long offset) {
        LogView view = partition.view();
        if (!partition.log().config().retention().delete()) {
            return ErrorCode.POLICY_VIOLATION;
        }
        long wanted = offset == HIGH_WATERMARK ? view.highWatermark() : offset;
        if (wanted < 0 || wanted > view.highWatermark()) {
            return ErrorCode.OFFSET_OUT_OF_RANGE;
        }
        try {
            partition.log().advanceLogStart(wanted);
        } catch (IOException e) {
            LOG.error("Deleting records of {} failed", partition, e);
            return ErrorCode.KAFKA_STORAGE_ERROR;
        }
        partition.wakeWaiters();
        return ErrorCode.NONE;
    }
}
