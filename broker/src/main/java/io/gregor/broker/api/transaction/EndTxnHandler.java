package io.gregor.broker.api.transaction;

import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.transaction.EndTransaction;
import io.gregor.coordinator.transaction.TransactionShard;
import io.gregor.wire.message.EndTxnRequest;
import io.gregor.wire.message.EndTxnResponse;
import io.gregor.wire.message.ErrorCode;

/**
 * Commits or aborts a transaction; see {@link EndTransaction}.
 *
 * <p>Version 2: PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH. 5: the producer's next epoch (KIP-890).
 */
public record EndTxnHandler(CoordinatorShards<TransactionShard> transactions)
        implements ApiHandler<EndTxnRequest, EndTxnResponse> {
    private static final int FIRST_VERSION_WITH_FENCED = 2;

    @Override
    public void handle(RequestContext context, EndTxnRequest request, Reply<EndTxnResponse> reply) {
        transactions.ask(
                request.transactionalId(),
                (shard, answer) -> new EndTransaction(shard).handle(request, context.version(), answer),
                error -> new EndTxnResponse().errorCode(error.code()),
                response -> {
                    boolean fenced = response.errorCode() == ErrorCode.PRODUCER_FENCED.code();
                    if (fenced && context.version() < FIRST_VERSION_WITH_FENCED) {
                        response.errorCode(ErrorCode.INVALID_PRODUCER_EPOCH.code());
                    }
                    reply.send(response);
                });
    }
}
