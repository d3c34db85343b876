package io.gregor.coordinator.transaction;

import io.gregor.coordinator.transaction.TransactionShard.TransactionEntry;
import io.gregor.wire.message.EndTxnRequest;
import io.gregor.wire.message.EndTxnResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.function.Consumer;

/**
 * A transaction is committed or aborted: decided and answered at once, told to the partitions after that.
 *
 * <p>Up to version 4 a repetition is known by the state alone. From 5 on (transaction version 2) every end raises the
 * epoch, so a repetition is known by an epoch that is one behind, and a producer may abort what it never began.
 *
 * <p>Error precedence: INVALID_REQUEST, INVALID_PRODUCER_ID_MAPPING for an unknown id; then, up to 4,
 * INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS, and from 5 on CONCURRENT_TRANSACTIONS first;
 * then INVALID_TXN_STATE.
 */
public final class EndTransaction {
    private static final int FIRST_VERSION_THAT_RAISES_EPOCHS = 5;

    private final TransactionShard shard;

    public EndTransaction(TransactionShard shard) {
        this.shard = shard;
    }

    /** What is to be done with a request. */
    private enum Course {
        END,
        REPEAT,
        WAIT,
        REFUSE
    }

    public void handle(EndTxnRequest request, short version, Consumer<EndTxnResponse> reply) {
        if (request.transactionalId().isEmpty()) {
            reply.accept(refused(ErrorCode.INVALID_REQUEST));
            return;
        }
        TransactionEntry slot = shard.slot(request.transactionalId());
        if (slot == null) {
            reply.accept(refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING));
            return;
        }
        boolean raises = version >= FIRST_VERSION_THAT_RAISES_EPOCHS;
        ErrorCode refused = raises ? checkRaising(slot, request) : checkPlain(slot, request);
        if (refused != ErrorCode.NONE) {
            reply.accept(refused(refused));
            return;
        }
        Transaction now = slot.now();
        switch (raises ? courseRaising(now, request) : coursePlain(now.state(), request.committed())) {
            case END -> {
                short clientVersion = raises ? Transaction.VERSION_THAT_RAISES_EPOCHS : 0;
                end(slot, now, request.committed(), clientVersion, reply);
            }
            case REPEAT ->
                reply.accept(new EndTxnResponse().producerId(now.producerId()).producerEpoch(now.epoch()));
            case WAIT -> reply.accept(refused(ErrorCode.CONCURRENT_TRANSACTIONS));
            case REFUSE -> reply.accept(refused(ErrorCode.INVALID_TXN_STATE));
        }
    }

    private static EndTxnResponse refused(ErrorCode error) {
        return new EndTxnResponse().errorCode(error.code());
    }

    private static ErrorCode checkPlain(TransactionEntry slot, EndTxnRequest request) {
        Transaction now = slot.now();
        if (now.producerId() != request.producerId()) {
            return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
        }
        if (now.epoch() != request.producerEpoch()) {
            return ErrorCode.PRODUCER_FENCED;
        }
        return slot.isPending() ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.NONE;
    }

    private static Course coursePlain(TransactionState state, boolean commit) {
        return switch (state) {
            case ONGOING -> Course.END;
            case COMPLETE_COMMIT -> commit ? Course.REPEAT : Course.REFUSE;
            case COMPLETE_ABORT -> commit ? Course.REFUSE : Course.REPEAT;
            case PREPARE_COMMIT -> commit ? Course.WAIT : Course.REFUSE;
            case PREPARE_ABORT -> commit ? Course.REFUSE : Course.WAIT;
            case EMPTY, DEAD, PREPARE_EPOCH_FENCE -> Course.REFUSE;
        };
    }

    private static boolean isRepeated(Transaction now, EndTxnRequest request) {
        return now.epoch() == request.producerEpoch() + 1 || isRepeatedAcrossIds(now, request);
    }

    /** The end that is repeated used up the epochs: the producer has another id since. */
    private static boolean isRepeatedAcrossIds(Transaction now, EndTxnRequest request) {
        return now.previousProducerId() == request.producerId()
                && request.producerEpoch() == Short.MAX_VALUE - 1
                && now.epoch() == 0;
    }

    private static ErrorCode checkRaising(TransactionEntry slot, EndTxnRequest request) {
        if (slot.isPending()) {
            return ErrorCode.CONCURRENT_TRANSACTIONS;
        }
        Transaction now = slot.now();
        if (now.producerId() != request.producerId() && !isRepeatedAcrossIds(now, request)) {
            return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
        }
        boolean same = request.producerEpoch() == now.epoch();
        boolean valid = switch (now.state()) {
            case ONGOING, EMPTY, DEAD, PREPARE_EPOCH_FENCE -> same;
            case PREPARE_COMMIT, PREPARE_ABORT -> now.epoch() == request.producerEpoch() + 1;
            case COMPLETE_COMMIT, COMPLETE_ABORT -> same || isRepeated(now, request);
        };
        return valid ? ErrorCode.NONE : ErrorCode.PRODUCER_FENCED;
    }

    private static Course courseRaising(Transaction now, EndTxnRequest request) {
        boolean commit = request.committed();
        boolean repeated = isRepeated(now, request);
        return switch (now.state()) {
            case ONGOING -> Course.END;
            case EMPTY -> commit ? Course.REFUSE : Course.END;
            case COMPLETE_COMMIT -> {
                if (commit) {
                    yield repeated ? Course.REPEAT : Course.REFUSE;
                }
                yield repeated ? Course.REFUSE : Course.END;
            }
            case COMPLETE_ABORT -> {
                if (commit) {
                    yield Course.REFUSE;
                }
                yield repeated ? Course.REPEAT : Course.END;
            }
            case PREPARE_COMMIT -> commit ? Course.WAIT : Course.REFUSE;
            case PREPARE_ABORT -> commit ? Course.REFUSE : Course.WAIT;
            case DEAD, PREPARE_EPOCH_FENCE -> Course.REFUSE;
        };
    }

    private void end(
            TransactionEntry slot,
            Transaction now,
            boolean commit,
            short clientVersion,
            Consumer<EndTxnResponse> reply) {
        boolean raises = clientVersion >= Transaction.VERSION_THAT_RAISES_EPOCHS;
        if (!raises || !now.isExhausted()) {
            prepare(slot, now.prepared(commit, clientVersion, Transaction.NO_PRODUCER_ID, shard.nowMs()), reply);
            return;
        }
        shard.producerIds()
                .next(
                        next -> {
                            if (!shard.isStill(slot, now)) {
                                reply.accept(refused(ErrorCode.CONCURRENT_TRANSACTIONS));
                            } else {
                                prepare(slot, now.prepared(commit, clientVersion, next, shard.nowMs()), reply);
                            }
                        },
                        error -> reply.accept(refused(error)));
    }

    private void prepare(TransactionEntry slot, Transaction prepared, Consumer<EndTxnResponse> reply) {
        shard.store(slot, prepared, error -> {
            if (error != ErrorCode.NONE) {
                reply.accept(refused(error));
                return;
            }
            Transaction after = prepared.completed(shard.nowMs());
            reply.accept(new EndTxnResponse().producerId(after.producerId()).producerEpoch(after.epoch()));
            shard.finish(slot);
        });
    }

    /** Ends the open transaction of a producer that is fenced with it: another one has its id, or it took too long. */
    void abort(TransactionEntry slot, Consumer<ErrorCode> done) {
        short version = (short) shard.config().version().getAsInt();
        boolean raises = version >= Transaction.VERSION_THAT_RAISES_EPOCHS;
        Transaction now = raises ? slot.now() : slot.now().fenced();
        end(slot, now, false, raises ? version : 0, response -> done.accept(ErrorCode.of(response.errorCode())));
    }
}
