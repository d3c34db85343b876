package io.gregor.broker.api.records;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.TransactionGate;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.quota.QuotaKind;
import io.gregor.broker.quota.Quotas;
import io.gregor.broker.replica.AppendCallback;
import io.gregor.broker.replica.Durability;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.broker.replica.TopicTraffic;
import io.gregor.controller.TopicNames;
import io.gregor.log.BatchValidation;
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
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends one record batch to each partition that the request names ({@link DistinctPartitions}). Batches are checked
 * on the connection's loop and appended on the partitions' lanes, straight from the network buffer; the answer is
 * sent when all are done. Batches that take long to check are checked on a background thread, in order, and the
 * client's next request waits until then.
 *
 * <p>Versions 0 to 2 are advertised, since librdkafka needs to see them (KAFKA-18659), and refused. 7: zstd. 8: errors
 * of single records (KIP-467). 10: the leader, where it is another (KIP-951). 11: TRANSACTION_ABORTABLE. 12: producing
 * to a partition makes it part of the transaction (KIP-890). 13: topics by id.
 *
 * <p>Error precedence: for the whole request CORRUPT_MESSAGE where a size or a magic can be none; for each partition
 * UNKNOWN_TOPIC_ID or UNKNOWN_TOPIC_OR_PARTITION, a wrong form
 * (INVALID_RECORD, UNSUPPORTED_COMPRESSION_TYPE), INVALID_REQUIRED_ACKS, INVALID_TOPIC_EXCEPTION for an internal
 * topic, what {@link BatchValidation} finds else, INVALID_PRODUCER_EPOCH or OUT_OF_ORDER_SEQUENCE_NUMBER. With acks=0
 * nothing is answered, and an error closes the connection.
 */
public final class ProduceHandler implements ApiHandler<ProduceRequest, ProduceResponse> {
    private static final Logger LOG = LoggerFactory.getLogger(ProduceHandler.class);
    /** The client id that Kafka's own administration uses. */
    private static final String MAY_WRITE_INTERNAL_TOPICS = "__admin_client";

    /** Bytes of one request that are checked on the loop: a few milliseconds' work. */
    private static final long EFFORT_ON_LOOP = 2 << 20;
    /** Invalid records that one answer lists; the others are only counted. Apache Kafka lists all. */
    private static final int LISTED_ERRORS = 10_000;

    private static final ByteBuffer NO_RECORDS = ByteBuffer.allocate(0);
    private static final int FIRST_VERSION_WITH_ABORTABLE = 11;
    private static final int FIRST_VERSION_THAT_ADDS_PARTITIONS = 12;
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 13;

    private final PartitionLookup lookup;
    private final TransactionGate gate;
    private final Quotas quotas;
    private final InstantSource clock;
    private final Executor validators;

    /** @param validators runs checks that take long */
    public ProduceHandler(
            PartitionLookup lookup, TransactionGate gate, Quotas quotas, InstantSource clock, Executor validators) {
        this.lookup = lookup;
        this.gate = gate;
        this.quotas = quotas;
        this.clock = clock;
        this.validators = validators;
    }

    @Override
    public void handle(RequestContext context, ProduceRequest request, Reply<ProduceResponse> reply) {
        Appends appends = new Appends(context, request, reply);
        BatchValidation.Result.Invalid forAll = checkAll(context, request);
        for (TopicProduceData topic : DistinctPartitions.of(request.topicData())) {
            List<PartitionProduceResponse> partitions = new ArrayList<>();
            appends.topics.add(new TopicProduceResponse()
                    .name(topic.name())
                    .topicId(topic.topicId())
                    .partitionResponses(partitions));
            boolean allowed = forAll == null && isAllowed(context, topic);
            for (PartitionProduceData data : topic.partitionData()) {
                PartitionProduceResponse response =
                        new PartitionProduceResponse().index(data.index()).baseOffset(-1);
                partitions.add(response);
                if (allowed) {
                    appendOrRefuse(topic, data, response, appends);
                } else if (forAll == null) {
                    refuse(response, ErrorCode.TOPIC_AUTHORIZATION_FAILED, null);
                } else {
                    refuse(response, forAll.error(), forAll.message());
                }
            }
        }
        appends.checkLater();
        appends.oneDone();
    }

    /** An id that no topic has is nobody's secret: it is refused for being unknown. */
    private boolean isAllowed(RequestContext context, TopicProduceData topic) {
        String name = context.version() >= FIRST_VERSION_WITH_TOPIC_IDS ? lookup.nameOf(topic.topicId()) : topic.name();
        return name == null || context.allows(AclOperation.WRITE, ResourceType.TOPIC, name);
    }

    /**
     * Why all of a request is refused, or null. Transactional records need a transactional id, and all of them the same
     * producer; where Kafka looks for the first of them it meets bytes that are no batch.
     */
    private static BatchValidation.Result.@Nullable Invalid checkAll(RequestContext context, ProduceRequest request) {
        boolean transactional = false;
        long producerId = RecordBatch.NO_PRODUCER_ID;
        for (TopicProduceData topic : request.topicData()) {
            for (PartitionProduceData data : topic.partitionData()) {
                ByteBuffer records = records(data);
                BatchValidation.Result.Invalid invalid = transactional ? null : BatchValidation.checkBeginning(records);
                if (invalid != null) {
                    return invalid;
                }
                if (records.remaining() < RecordBatch.HEADER_BYTES) {
                    continue;
                }
                RecordBatch batch = new RecordBatch(records, records.position());
                if (batch.magic() != RecordBatch.MAGIC || !batch.isTransactional()) {
                    continue;
                }
                transactional = true;
                String id = request.transactionalId();
                if (id == null || !context.allows(AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, id)) {
                    return forAll(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
                }
                if (producerId >= 0 && producerId != batch.producerId()) {
                    return forAll(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
                }
                producerId = batch.producerId();
            }
        }
        return null;
    }

    private static BatchValidation.Result.Invalid forAll(ErrorCode error) {
        return new BatchValidation.Result.Invalid(error, null, List.of(), false);
    }

    private static ByteBuffer records(PartitionProduceData data) {
        return data.records() instanceof Part.InMemory part ? part.bytes() : NO_RECORDS;
    }

    /** The request must not end while another of its batches is on its way: that is a part of its buffer. */
    private void appendOrRefuse(
            TopicProduceData topic, PartitionProduceData data, PartitionProduceResponse response, Appends appends) {
        try {
            append(topic, data, response, appends);
        } catch (RuntimeException e) {
            LOG.error("Checking a batch for partition {} of {} failed", data.index(), topic.name(), e);
            refuse(response, ErrorCode.UNKNOWN_SERVER_ERROR, null);
        }
    }

    private void append(
            TopicProduceData topic, PartitionProduceData data, PartitionProduceResponse response, Appends appends) {
        RequestContext context = appends.context;
        PartitionLookup.Found found = context.version() >= FIRST_VERSION_WITH_TOPIC_IDS
                ? lookup.find(topic.topicId(), data.index())
                : lookup.find(topic.name(), data.index());
        Partition partition = found.partition();
        if (partition == null) {
            refuse(response, found.error(), null);
            return;
        }
        BatchValidation.Result form = BatchValidation.checkForm(records(data), context.version());
        if (form instanceof BatchValidation.Result.Valid valid) {
            if (appends.request.acks() < -1 || appends.request.acks() > 1) {
                refuse(response, ErrorCode.INVALID_REQUIRED_ACKS, null);
                return;
            }
            if (TopicNames.isInternal(partition.topic()) && !context.clientId().equals(MAY_WRITE_INTERNAL_TOPICS)) {
                countRefusal(partition, ErrorCode.INVALID_TOPIC_EXCEPTION, valid.batch());
                refuse(response, ErrorCode.INVALID_TOPIC_EXCEPTION, null);
                return;
            }
            BatchValidation.Result result = appends.isAnyLater()
                    ? null
                    : BatchValidation.check(
                            valid.batch(),
                            partition.name(),
                            partition.config().rules(),
                            clock.millis(),
                            appends.effortOnLoop);
            if (result == null) {
                appends.later(partition, valid.batch(), response);
            } else {
                append(partition, valid.batch(), result, response, appends);
            }
        } else if (form instanceof BatchValidation.Result.Invalid invalid) {
            appends.refuse(partition, response, invalid);
        }
    }

    private static void countRefusal(Partition partition, ErrorCode error, RecordBatch batch) {
        TopicTraffic traffic = partition.traffic();
        if (traffic != null) {
            traffic.refused(error, batch.sizeInBytes());
        }
    }

    /** Refuses or appends a batch that was checked. */
    private void append(
            Partition partition,
            RecordBatch sent,
            BatchValidation.Result checked,
            PartitionProduceResponse response,
            Appends appends) {
        if (checked instanceof BatchValidation.Result.Invalid invalid) {
            countRefusal(partition, invalid.error(), sent);
            appends.refuse(partition, response, invalid);
            return;
        }
        RecordBatch batch = ((BatchValidation.Result.Valid) checked).batch();
        appends.begun();
        partition.lane().execute(new Append(partition, batch, response, appends));
    }

    /** A batch on its way into the log. Begins on the partition's lane, and ends there. */
    private final class Append implements Runnable, AppendCallback {
        private final Partition partition;
        private final RecordBatch batch;
        private final PartitionProduceResponse response;
        private final Appends appends;

        Append(Partition partition, RecordBatch batch, PartitionProduceResponse response, Appends appends) {
            this.partition = partition;
            this.batch = batch;
            this.response = response;
            this.appends = appends;
        }

        @Override
        public void run() {
            if (batch.isTransactional()) {
                passGate();
            } else {
                partition.append(batch, Durability.COMMITTED, this);
            }
        }

        private void passGate() {
            TransactionGate.Client client = client(appends.context.version());
            TransactionGate.Writer writer = new TransactionGate.Writer(
                    Objects.requireNonNullElse(appends.request.transactionalId(), ""),
                    batch.producerId(),
                    batch.producerEpoch(),
                    batch.baseSequence(),
                    client);
            gate.pass(partition, writer, error -> {
                if (error == ErrorCode.NONE) {
                    partition.append(batch, Durability.COMMITTED, this);
                } else {
                    refuseTransaction(response, error, client);
                    appends.oneDone();
                }
            });
        }

        @Override
        public void placed(long baseOffset, long appendTimeMs) {
            response.baseOffset(baseOffset)
                    .logAppendTimeMs(appendTimeMs)
                    .logStartOffset(partition.view().startOffset());
        }

        @Override
        public void completed(ErrorCode error) {
            switch (error) {
                case NONE -> {}
                case KAFKA_STORAGE_ERROR -> refuse(response, error, error.message());
                case UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_SERVER_ERROR -> refuse(response, error, null);
                default -> {
                    refuse(response, error, null);
                    response.logStartOffset(partition.view().startOffset());
                }
            }
            appends.oneDone();
        }
    }

    private static TransactionGate.Client client(short version) {
        if (version >= FIRST_VERSION_THAT_ADDS_PARTITIONS) {
            return TransactionGate.Client.ADDS;
        }
        return version >= FIRST_VERSION_WITH_ABORTABLE
                ? TransactionGate.Client.KNOWS_ABORTABLE
                : TransactionGate.Client.PLAIN;
    }

    /** Old clients do not try again after what only a coordinator would say; NOT_ENOUGH_REPLICAS they know. */
    private static void refuseTransaction(
            PartitionProduceResponse response, ErrorCode error, TransactionGate.Client client) {
        boolean again = switch (error) {
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS -> true;
            case CONCURRENT_TRANSACTIONS -> client != TransactionGate.Client.ADDS;
            default -> false;
        };
        if (again) {
            refuse(
                    response,
                    ErrorCode.NOT_ENOUGH_REPLICAS,
                    "Unable to verify the partition has been added to the transaction. Underlying error: " + error);
        } else {
            boolean notAdded = error == ErrorCode.INVALID_TXN_STATE;
            refuse(response, error, notAdded ? "Partition was not added to the transaction" : null);
        }
    }

    private static void refuse(PartitionProduceResponse response, ErrorCode error, @Nullable String message) {
        response.errorCode(error.code()).errorMessage(message).baseOffset(-1).logStartOffset(-1);
    }

    /** A batch that takes long to check. */
    private record LongCheck(Partition partition, RecordBatch batch, PartitionProduceResponse response) {}

    /** Counts the appends of one request; the last one to end, on whatever lane, answers. */
    private final class Appends {
        private final RequestContext context;
        private final ProduceRequest request;
        private final Reply<ProduceResponse> reply;
        private final List<TopicProduceResponse> topics = new ArrayList<>();
        private final AtomicInteger open = new AtomicInteger(1);
        private final BatchValidation.Effort effortOnLoop = new BatchValidation.Effort(EFFORT_ON_LOOP);
        /** Batches that the loop has left to a background thread. */
        private final Queue<LongCheck> later = new ArrayDeque<>(0);

        private int listedErrors;

        Appends(RequestContext context, ProduceRequest request, Reply<ProduceResponse> reply) {
            this.context = context;
            this.request = request;
            this.reply = reply;
        }

        void begun() {
            open.incrementAndGet();
        }

        boolean isAnyLater() {
            return !later.isEmpty();
        }

        void later(Partition partition, RecordBatch batch, PartitionProduceResponse response) {
            later.add(new LongCheck(partition, batch, response));
        }

        /** Begins to check what is left, in order; until all of that is with its lanes, no other request begins. */
        void checkLater() {
            if (isAnyLater()) {
                begun();
                reply.holdNext();
                validators.execute(this::checkNext);
            }
        }

        /** On a background thread; others have their turn after each batch, unless the broker stops. */
        private void checkNext() {
            LongCheck next = later.poll();
            while (next != null) {
                check(next);
                try {
                    validators.execute(this::checkNext);
                    return;
                } catch (RejectedExecutionException e) {
                    LOG.debug("The broker stops; the rest of a request is checked at once", e);
                }
                next = later.poll();
            }
            reply.letNextBegin();
            oneDone();
        }

        private void check(LongCheck batch) {
            Partition partition = batch.partition();
            try {
                BatchValidation.Result result = BatchValidation.check(
                        batch.batch(), partition.name(), partition.config().rules(), clock.millis());
                append(partition, batch.batch(), result, batch.response(), this);
            } catch (RuntimeException e) {
                LOG.error("Checking a batch for {} failed", partition, e);
                ProduceHandler.refuse(batch.response(), ErrorCode.UNKNOWN_SERVER_ERROR, null);
            }
        }

        void refuse(Partition partition, PartitionProduceResponse response, BatchValidation.Result.Invalid invalid) {
            ProduceHandler.refuse(response, invalid.error(), invalid.records().isEmpty() ? null : invalid.message());
            if (invalid.fromLog()) {
                response.logStartOffset(partition.view().startOffset());
            }
            int listed = Math.min(invalid.records().size(), LISTED_ERRORS - listedErrors);
            listedErrors += listed;
            response.recordErrors(invalid.records().stream()
                    .limit(listed)
                    .map(error -> new BatchIndexAndErrorMessage()
                            .batchIndex(error.index())
                            .batchIndexErrorMessage(error.message()))
                    .toList());
        }

        void oneDone() {
            if (open.decrementAndGet() > 0) {
                return;
            }
            int throttleMs = quotas.use(QuotaKind.PRODUCE, context.clientId(), context.bytes());
            if (request.acks() != 0) {
                reply.send(new ProduceResponse().responses(topics).throttleTimeMs(throttleMs));
                return;
            }
            boolean failed = topics.stream()
                    .flatMap(topic -> topic.partitionResponses().stream())
                    .anyMatch(partition -> partition.errorCode() != ErrorCode.NONE.code());
            if (failed) {
                reply.disconnect("a produce request with acks=0 that failed");
            } else {
                reply.sendNothing(throttleMs);
            }
        }
    }
}
