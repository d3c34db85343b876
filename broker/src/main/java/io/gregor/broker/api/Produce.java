package io.gregor.broker.api;

import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.partition.Partition;
import io.gregor.log.BatchValidation;
import io.gregor.log.PartitionLog.Appended;
import io.gregor.wire.Part;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.ProduceRequest.PartitionProduceData;
import io.gregor.wire.message.ProduceRequest.TopicProduceData;
import io.gregor.wire.message.ProduceResponse;
import io.gregor.wire.message.ProduceResponse.BatchIndexAndErrorMessage;
import io.gregor.wire.message.ProduceResponse.PartitionProduceResponse;
import io.gregor.wire.message.ProduceResponse.TopicProduceResponse;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends one record batch to each partition that the request names. Batches are checked on the connection's loop and
 * appended on the partitions' lanes, straight from the network buffer; the answer is sent when all are done.
 *
 * <p>Versions 0 to 2 are advertised, since librdkafka needs to see them (KAFKA-18659), and refused. 7: zstd. 8: errors
 * of single records (KIP-467). 10: the leader, where it is another (KIP-951). 13: topics by id.
 *
 * <p>Error precedence, for each partition: UNKNOWN_TOPIC_ID or UNKNOWN_TOPIC_OR_PARTITION, a wrong form
 * (INVALID_RECORD, UNSUPPORTED_COMPRESSION_TYPE), INVALID_REQUIRED_ACKS, what {@link BatchValidation} finds else,
 * INVALID_PRODUCER_EPOCH or OUT_OF_ORDER_SEQUENCE_NUMBER. With acks=0 nothing is answered, and an error closes the
 * connection.
 */
public final class Produce implements ApiHandler<ProduceRequest, ProduceResponse> {
    private static final Logger LOG = LoggerFactory.getLogger(Produce.class);
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 13;

    private final PartitionLookup lookup;
    private final InstantSource clock;

    public Produce(PartitionLookup lookup, InstantSource clock) {
        this.lookup = lookup;
        this.clock = clock;
    }

    @Override
    public void handle(RequestContext context, ProduceRequest request, Reply<ProduceResponse> reply) {
        Appends appends = new Appends(request, reply);
        for (TopicProduceData topic : request.topicData()) {
            List<PartitionProduceResponse> partitions = new ArrayList<>();
            appends.topics.add(new TopicProduceResponse()
                    .name(topic.name())
                    .topicId(topic.topicId())
                    .partitionResponses(partitions));
            for (PartitionProduceData data : topic.partitionData()) {
                PartitionProduceResponse response =
                        new PartitionProduceResponse().index(data.index()).baseOffset(-1);
                partitions.add(response);
                append(context, topic, data, response, appends);
            }
        }
        appends.oneDone();
    }

    private void append(
            RequestContext context,
            TopicProduceData topic,
            PartitionProduceData data,
            PartitionProduceResponse response,
            Appends appends) {
        PartitionLookup.Found found = context.version() >= FIRST_VERSION_WITH_TOPIC_IDS
                ? lookup.find(topic.topicId(), data.index())
                : lookup.find(topic.name(), data.index());
        Partition partition = found.partition();
        if (partition == null) {
            refuse(response, found.error(), found.error().message());
            return;
        }
        ByteBuffer records = data.records() instanceof Part.InMemory part ? part.bytes() : ByteBuffer.allocate(0);
        BatchValidation.Result result = BatchValidation.checkForm(records, context.version());
        if (result instanceof BatchValidation.Result.Valid valid) {
            if (appends.request.acks() < -1 || appends.request.acks() > 1) {
                refuse(response, ErrorCode.INVALID_REQUIRED_ACKS, null);
                return;
            }
            BatchValidation.Rules rules = partition.config().rules();
            result = BatchValidation.check(valid.batch(), partition.name(), rules, clock.millis());
        }
        if (result instanceof BatchValidation.Result.Invalid invalid) {
            refuse(partition, response, invalid);
            return;
        }
        RecordBatch batch = ((BatchValidation.Result.Valid) result).batch();
        if (batch.isTransactional()) {
            refuse(response, ErrorCode.INVALID_TXN_STATE, "Transactions are not supported");
            return;
        }
        appends.begun();
        partition.lane().execute(() -> {
            append(partition, batch, response);
            appends.oneDone();
        });
    }

    private static void append(Partition partition, RecordBatch batch, PartitionProduceResponse response) {
        if (partition.isDeleted()) {
            refuse(response, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null);
            return;
        }
        try {
            Appended appended = partition.log().append(batch, partition.leaderEpoch());
            long logStart = partition.view().startOffset();
            if (appended instanceof Appended.Stored stored) {
                long time = batch.isLogAppendTime() ? batch.maxTimestamp() : -1;
                response.baseOffset(stored.baseOffset()).logAppendTimeMs(time).logStartOffset(logStart);
                partition.wakeWaiters();
            } else if (appended instanceof Appended.Duplicate duplicate) {
                response.baseOffset(duplicate.baseOffset())
                        .logAppendTimeMs(duplicate.timestampMs())
                        .logStartOffset(logStart);
            } else if (appended instanceof Appended.Refused refused) {
                refuse(response, refused.error(), refused.error().message());
                response.logStartOffset(logStart);
            }
        } catch (IOException e) {
            LOG.error("Appending to {} failed", partition, e);
            refuse(response, ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.KAFKA_STORAGE_ERROR.message());
        }
    }

    private static void refuse(
            Partition partition, PartitionProduceResponse response, BatchValidation.Result.Invalid invalid) {
        refuse(response, invalid.error(), invalid.message());
        if (invalid.fromLog()) {
            response.logStartOffset(partition.view().startOffset());
        }
        response.recordErrors(invalid.records().stream()
                .map(error -> new BatchIndexAndErrorMessage()
                        .batchIndex(error.index())
                        .batchIndexErrorMessage(error.message()))
                .toList());
    }

    private static void refuse(PartitionProduceResponse response, ErrorCode error, @Nullable String message) {
        response.errorCode(error.code()).errorMessage(message).baseOffset(-1).logStartOffset(-1);
    }

    /** Counts the appends of one request; the last one to end, on whatever lane, answers. */
    private static final class Appends {
        private final ProduceRequest request;
        private final Reply<ProduceResponse> reply;
        private final List<TopicProduceResponse> topics = new ArrayList<>();
        private final AtomicInteger open = new AtomicInteger(1);

        Appends(ProduceRequest request, Reply<ProduceResponse> reply) {
            this.request = request;
            this.reply = reply;
        }

        void begun() {
            open.incrementAndGet();
        }

        void oneDone() {
            if (open.decrementAndGet() > 0) {
                return;
            }
            if (request.acks() != 0) {
                reply.send(new ProduceResponse().responses(topics));
                return;
            }
            boolean failed = topics.stream()
                    .flatMap(topic -> topic.partitionResponses().stream())
                    .anyMatch(partition -> partition.errorCode() != ErrorCode.NONE.code());
            if (failed) {
                reply.disconnect("a produce request with acks=0 that failed");
            } else {
                reply.sendNothing();
            }
        }
    }
}
