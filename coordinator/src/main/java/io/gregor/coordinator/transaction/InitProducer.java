package io.gregor.coordinator.transaction;

import io.gregor.coordinator.transaction.TransactionShard.TransactionEntry;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.InitProducerIdRequest;
import io.gregor.wire.message.InitProducerIdResponse;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A producer with a transactional id begins, or begins anew after an error (KIP-360): it gets the next epoch, and
 * whoever had the id before is fenced. An open transaction is aborted first; until that is done:
 * CONCURRENT_TRANSACTIONS.
 *
 * <p>The caller has refused an empty id, and a producer id without an epoch. Error precedence:
 * TRANSACTIONAL_ID_AUTHORIZATION_FAILED for two-phase commit that is off,
 * UNSUPPORTED_VERSION for keeping a prepared transaction, INVALID_TRANSACTION_TIMEOUT,
 * POLICY_VIOLATION for an id that does not fit into memory, CONCURRENT_TRANSACTIONS, PRODUCER_FENCED.
 */
public final class InitProducer {
    private final TransactionShard shard;

    public InitProducer(TransactionShard shard) {
        this.shard = shard;
    }

    public void handle(InitProducerIdRequest request, Consumer<InitProducerIdResponse> reply) {
        ErrorCode refused = check(request);
        if (refused != ErrorCode.NONE) {
            reply.accept(refused(refused));
            return;
        }
        String id = id(request);
        TransactionEntry known = shard.slot(id);
        if (known != null) {
            begin(known, request, reply);
            return;
        }
        shard.producerIds()
                .next(
                        producerId -> {
                            TransactionEntry created =
                                    shard.create(id, Transaction.created(producerId, timeout(request), shard.nowMs()));
                            if (created == null) {
                                reply.accept(refused(ErrorCode.POLICY_VIOLATION));
                            } else {
                                begin(created, request, reply);
                            }
                        },
                        error -> reply.accept(refused(error)));
    }

    private static String id(InitProducerIdRequest request) {
        return Objects.requireNonNull(request.transactionalId(), "only such requests come here");
    }

    private static int timeout(InitProducerIdRequest request) {
        return request.enable2Pc() ? Integer.MAX_VALUE : request.transactionTimeoutMs();
    }

    private ErrorCode check(InitProducerIdRequest request) {
        if (request.enable2Pc() && !shard.config().twoPhaseCommit()) {
            return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
        }
        if (request.keepPreparedTxn()) {
            return ErrorCode.UNSUPPORTED_VERSION;
        }
        int timeout = request.transactionTimeoutMs();
        boolean inRange =
                request.enable2Pc() || timeout > 0 && timeout <= shard.config().maxTimeoutMs();
        return inRange ? ErrorCode.NONE : ErrorCode.INVALID_TRANSACTION_TIMEOUT;
    }

    static InitProducerIdResponse refused(ErrorCode error) {
        return new InitProducerIdResponse()
                .errorCode(error.code())
                .producerId(Transaction.NO_PRODUCER_ID)
                .producerEpoch(Transaction.NO_EPOCH);
    }

    private void begin(TransactionEntry slot, InitProducerIdRequest request, Consumer<InitProducerIdResponse> reply) {
        Transaction now = slot.now();
        @Nullable Short expected = request.producerId() == Transaction.NO_PRODUCER_ID ? null : request.producerEpoch();
        if (slot.isPending()) {
            reply.accept(refused(ErrorCode.CONCURRENT_TRANSACTIONS));
        } else if (expected != null && !isKnown(now, request)) {
            reply.accept(refused(ErrorCode.PRODUCER_FENCED));
        } else if (now.state().isPrepared()) {
            reply.accept(refused(ErrorCode.CONCURRENT_TRANSACTIONS));
        } else if (now.state() == TransactionState.ONGOING) {
            new EndTransaction(shard)
                    .abort(
                            slot,
                            error -> reply.accept(
                                    refused(error == ErrorCode.NONE ? ErrorCode.CONCURRENT_TRANSACTIONS : error)));
        } else if (now.isExhausted() && (expected == null || expected == now.epoch())) {
            rotate(slot, expected != null, request, reply);
        } else if (now.isExhausted()) {
            reply.accept(refused(ErrorCode.PRODUCER_FENCED));
        } else {
            store(slot, now.initialized(expected, timeout(request), shard.nowMs()), reply);
        }
    }

    /** Whether the producer is the one that is known, or the one before it, whose epochs are used up. */
    private static boolean isKnown(Transaction now, InitProducerIdRequest request) {
        return now.epoch() == Transaction.NO_EPOCH
                || request.producerId() == now.producerId()
                || request.producerId() == now.previousProducerId() && Transaction.isExhausted(request.producerEpoch());
    }

    private void rotate(
            TransactionEntry slot,
            boolean keepLastEpoch,
            InitProducerIdRequest request,
            Consumer<InitProducerIdResponse> reply) {
        Transaction before = slot.now();
        shard.producerIds()
                .next(
                        producerId -> {
                            if (!shard.isStill(slot, before)) {
                                reply.accept(refused(ErrorCode.CONCURRENT_TRANSACTIONS));
                                return;
                            }
                            store(
                                    slot,
                                    before.rotated(producerId, keepLastEpoch, timeout(request), shard.nowMs()),
                                    reply);
                        },
                        error -> reply.accept(refused(error)));
    }

    private void store(TransactionEntry slot, @Nullable Transaction next, Consumer<InitProducerIdResponse> reply) {
        if (next == null) {
            reply.accept(refused(ErrorCode.PRODUCER_FENCED));
            return;
        }
        shard.store(
                slot,
                next,
                error -> reply.accept(
                        error == ErrorCode.NONE
                                ? new InitProducerIdResponse()
                                        .producerId(next.producerId())
                                        .producerEpoch(next.epoch())
                                : refused(error)));
    }
}
