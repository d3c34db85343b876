package io.gregor.broker.simulation;

import io.gregor.broker.coordination.TransactionGate;
import io.gregor.wire.message.EndTxnRequest;
import io.gregor.wire.message.EndTxnResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.InitProducerIdRequest;
import io.gregor.wire.message.InitProducerIdResponse;
import io.gregor.wire.record.RecordBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One instance of a transactional producer, which does what Apache Kafka's does: it tries again what may be tried
 * again, aborts what cannot be sent, and ends when it is fenced. An answer that no client may get is a failure.
 * Confined to one thread.
 */
final class SimulatedProducer {
    private enum State {
        NEW,
        READY,
        SENDING,
        COMMITTING,
        ABORTING,
        /** An older client has lost count of its sequence numbers, and wants another epoch. */
        RENEWING,
        ENDED
    }

    private static final int DATA = SimulatedCluster.DATA.size();
    private static final int BATCHES_MAX = 3;
    private static final int RECORDS_MAX = 3;
    private static final int RETRY_MS = 300;
    private static final int GIVES_UP_ONCE_IN = 12;
    private static final int ABORTS_ONCE_IN = 5;

    private final String id;
    private final String name;
    private final TransactionGate.Client client;
    private final Ledger ledger;
    private final Random random;
    private final int timeoutMs;
    private final Call call = new Call();
    private final List<PartitionWriter> writers = new ArrayList<>();
    /** For the offset of a group, which is a batch of its own kind. */
    private final PartitionWriter offsets = new PartitionWriter(SimulatedCluster.OFFSETS);

    private State state = State.NEW;
    private long producerId = -1;
    private short epoch = -1;
    private int transactions;
    private int values;
    private boolean failed;
    private boolean hasCommitted;
    private @Nullable SentTransaction transaction;

    /** @param name of this instance, among all */
    SimulatedProducer(String id, String name, TransactionGate.Client client, Ledger ledger, Random random) {
        this.id = id;
        this.name = name;
        this.client = client;
        this.ledger = ledger;
        this.random = random;
        timeoutMs = 5_000 + random.nextInt(30_000);
        SimulatedCluster.DATA.forEach(partition -> writers.add(new PartitionWriter(partition)));
        writers.add(offsets);
    }

    String id() {
        return id;
    }

    boolean isEnded() {
        return state == State.ENDED;
    }

    /** Whether it is between two transactions. */
    boolean isIdle() {
        return isEnded() || state == State.READY;
    }

    boolean hasCommitted() {
        return hasCommitted;
    }

    /** All connections are lost, and with them what was not answered. */
    void disconnect() {
        call.giveUp();
        writers.forEach(PartitionWriter::disconnect);
    }

    /** Goes on, if there is anything that it can do now. */
    void act(SimulatedNode node, boolean mayBegin) {
        if (state == State.SENDING) {
            send(node);
        } else if (call.isFree(node.nowMs())) {
            switch (state) {
                case NEW -> init(node, -1, (short) -1);
                case RENEWING -> init(node, producerId, epoch);
                case READY -> {
                    if (mayBegin) {
                        begin();
                    }
                }
                case COMMITTING, ABORTING -> end(node);
                case SENDING, ENDED -> {}
            }
        }
    }

    private void init(SimulatedNode node, long knownId, short knownEpoch) {
        InitProducerIdRequest request = new InitProducerIdRequest()
                .transactionalId(id)
                .transactionTimeoutMs(timeoutMs)
                .producerId(knownId)
                .producerEpoch(knownEpoch);
        Consumer<InitProducerIdResponse> heard = call.begin(response -> {
            ErrorCode error = ErrorCode.of(response.errorCode());
            if (error == ErrorCode.NONE) {
                renew(response.producerId(), response.producerEpoch());
                state = State.READY;
            } else {
                refused(error, node, call);
            }
        });
        new Requests(node).initProducer(request, id, heard);
    }

    private void renew(long nextId, short nextEpoch) {
        if (nextId != producerId || nextEpoch != epoch) {
            writers.forEach(PartitionWriter::beginEpoch);
        }
        producerId = nextId;
        epoch = nextEpoch;
    }

    /** What is refused for now is tried again, and a producer that is fenced ends. */
    private void refused(ErrorCode error, SimulatedNode node, Call refused) {
        switch (error) {
            case CONCURRENT_TRANSACTIONS,
                    COORDINATOR_LOAD_IN_PROGRESS,
                    COORDINATOR_NOT_AVAILABLE,
                    NOT_COORDINATOR,
                    KAFKA_STORAGE_ERROR,
                    NOT_LEADER_OR_FOLLOWER -> refused.waitUntil(node.nowMs() + 1 + random.nextInt(RETRY_MS));
            case PRODUCER_FENCED, INVALID_PRODUCER_ID_MAPPING -> state = State.ENDED;
            default -> throw new AssertionError(name + " was answered " + error + " when it was " + state);
        }
    }

    private void begin() {
        transactions++;
        SentTransaction begun = ledger.begin(id, name + "/" + transactions);
        transaction = begun;
        failed = false;
        state = State.SENDING;
        int first = random.nextInt(DATA);
        int count = 1 + random.nextInt(DATA);
        for (int i = 0; i < count; i++) {
            fill(writers.get((first + i) % DATA), begun);
        }
        if (random.nextBoolean()) {
            begun.offset(ledger.nextOffset());
            offsets.add(List.of());
        }
    }

    private void fill(PartitionWriter writer, SentTransaction begun) {
        int batches = 1 + random.nextInt(BATCHES_MAX);
        for (int i = 0; i < batches; i++) {
            List<String> batch = new ArrayList<>();
            int records = 1 + random.nextInt(RECORDS_MAX);
            for (int j = 0; j < records; j++) {
                values++;
                batch.add(begun.name() + "/" + values);
            }
            batch.forEach(value -> ledger.sent(begun, writer.partition(), value));
            writer.add(batch);
        }
    }

    private void send(SimulatedNode node) {
        boolean waits = call.isOpen() || writers.stream().anyMatch(PartitionWriter::isAnyOpen);
        if (!waits && (failed || writers.stream().allMatch(PartitionWriter::isDone))) {
            boolean commits = !failed && random.nextInt(ABORTS_ONCE_IN) > 0;
            if (commits) {
                sent().outcome(SentTransaction.Outcome.COMMIT_ASKED);
            }
            state = commits ? State.COMMITTING : State.ABORTING;
            return;
        }
        PartitionWriter writer = writers.get(random.nextInt(writers.size()));
        PartitionWriter.Batch batch = failed ? null : writer.next(node.nowMs());
        if (batch != null) {
            send(writer, batch, node);
        }
    }

    private SentTransaction sent() {
        return Objects.requireNonNull(transaction);
    }

    private void send(PartitionWriter writer, PartitionWriter.Batch batch, SimulatedNode node) {
        if (client != TransactionGate.Client.ADDS && !writer.isAdded()) {
            if (call.isFree(node.nowMs())) {
                addPartition(writer, node);
            }
            return;
        }
        Consumer<ErrorCode> heard = batch.call().begin(error -> answered(writer, batch, error, node));
        if (writer == offsets) {
            TransactionGate.Writer from =
                    new TransactionGate.Writer(id, producerId, epoch, RecordBatch.NO_SEQUENCE, client);
            new Requests(node).commitOffset(id, from, sent().offset(), heard);
            return;
        }
        writer.sending(batch);
        RecordBatch encoded = batch.encoded(producerId, epoch, node.nowMs());
        TransactionGate.Writer from = new TransactionGate.Writer(id, producerId, epoch, batch.sequence(), client);
        new Requests(node).produce(writer.partition(), from, encoded, heard);
    }

    private void addPartition(PartitionWriter writer, SimulatedNode node) {
        Consumer<ErrorCode> heard = call.begin(error -> {
            if (error == ErrorCode.NONE) {
                writer.added();
            } else {
                refused(error, node, call);
            }
        });
        new Requests(node).addPartition(id, producerId, epoch, writer.partition(), heard);
    }

    private void answered(PartitionWriter writer, PartitionWriter.Batch batch, ErrorCode error, SimulatedNode node) {
        if (error == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && !writer.isFirst(batch)) {
            // One before it was refused, and comes again.
            batch.call().waitUntil(node.nowMs());
            return;
        }
        if (error == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && (writer.isAnyAfter(batch) || !ledger.keepsAll())) {
            // A snapshot of producers, which a start reads, has the last batch of each only; or those before it are
            // lost.
            failed = true;
            return;
        }
        switch (error) {
            case NONE -> {
                writer.acknowledged(batch);
                ledger.acknowledged(writer.partition(), batch.values());
            }
            case INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE, TRANSACTION_ABORTABLE -> failed = true;
            default -> {
                refused(error, node, batch.call());
                failed |= random.nextInt(GIVES_UP_ONCE_IN) == 0;
            }
        }
    }

    private void end(SimulatedNode node) {
        boolean commits = state == State.COMMITTING;
        EndTxnRequest request = new EndTxnRequest()
                .transactionalId(id)
                .producerId(producerId)
                .producerEpoch(epoch)
                .committed(commits);
        int version = client == TransactionGate.Client.ADDS ? 5 : 4;
        new Requests(node).endTransaction(request, version, call.begin(response -> ended(response, commits, node)));
    }

    private void ended(EndTxnResponse response, boolean commits, SimulatedNode node) {
        ErrorCode error = ErrorCode.of(response.errorCode());
        boolean none = error == ErrorCode.INVALID_TXN_STATE;
        if (error != ErrorCode.NONE && !none) {
            refused(error, node, call);
            return;
        }
        boolean committed = commits && !none;
        sent().outcome(committed ? SentTransaction.Outcome.COMMITTED : SentTransaction.Outcome.ABORTED);
        hasCommitted |= committed;
        writers.forEach(PartitionWriter::end);
        if (none) {
            // It was aborted for taking too long, or had not begun when it was given up.
            state = commits ? State.ENDED : State.RENEWING;
        } else if (client == TransactionGate.Client.ADDS) {
            renew(response.producerId(), response.producerEpoch());
            state = State.READY;
        } else {
            state = failed ? State.RENEWING : State.READY;
        }
    }

    @Override
    public String toString() {
        return name + " (" + state + ")";
    }
}
