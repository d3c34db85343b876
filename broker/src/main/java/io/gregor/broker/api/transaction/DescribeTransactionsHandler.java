package io.gregor.broker.api.transaction;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.lane.Steps;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.transaction.DescribeTransaction;
import io.gregor.coordinator.transaction.TransactionShard;
import io.gregor.wire.message.DescribeTransactionsRequest;
import io.gregor.wire.message.DescribeTransactionsResponse;
import io.gregor.wire.message.DescribeTransactionsResponse.TransactionState;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** What the coordinator knows of transactional ids; see {@link DescribeTransaction}. */
public record DescribeTransactionsHandler(CoordinatorShards<TransactionShard> transactions)
        implements ApiHandler<DescribeTransactionsRequest, DescribeTransactionsResponse> {
    @Override
    public void handle(
            RequestContext context, DescribeTransactionsRequest request, Reply<DescribeTransactionsResponse> reply) {
        int count = request.transactionalIds().size();
        TransactionState[] results = new TransactionState[count];
        List<Consumer<Runnable>> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = i;
            String id = request.transactionalIds().get(i);
            if (!context.allows(AclOperation.DESCRIBE, ResourceType.TRANSACTIONAL_ID, id)) {
                results[i] = refused(id, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
                continue;
            }
            steps.add(ended -> transactions.<TransactionState>ask(
                    id,
                    (shard, described) -> described.accept(new DescribeTransaction(shard).handle(id)),
                    error -> refused(id, error),
                    state -> {
                        results[at] = visible(context, state);
                        ended.run();
                    }));
        }
        Steps.run(
                steps,
                context.loop(),
                () -> reply.send(new DescribeTransactionsResponse().transactionStates(Arrays.asList(results))),
                reply::fail);
    }

    private static TransactionState refused(String transactionalId, ErrorCode error) {
        return new TransactionState().transactionalId(transactionalId).errorCode(error.code());
    }

    /** With those topics only that the client may see. */
    static TransactionState visible(RequestContext context, TransactionState state) {
        return state.topics(state.topics().stream()
                .filter(topic -> context.allows(AclOperation.DESCRIBE, ResourceType.TOPIC, topic.topic()))
                .toList());
    }
}
