package io.gregor.broker.api.transaction;

import com.google.re2j.PatternSyntaxException;
import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.runtime.LinearPattern;
import io.gregor.coordinator.transaction.ListTransactions;
import io.gregor.coordinator.transaction.TransactionShard;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ListTransactionsRequest;
import io.gregor.wire.message.ListTransactionsResponse;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All transactional ids that match and that the client may see; see {@link ListTransactions}. A pattern that is none:
 * INVALID_REGULAR_EXPRESSION.
 */
public record ListTransactionsHandler(CoordinatorShards<TransactionShard> transactions)
        implements ApiHandler<ListTransactionsRequest, ListTransactionsResponse> {
    @Override
    public void handle(RequestContext context, ListTransactionsRequest request, Reply<ListTransactionsResponse> reply) {
        Predicate<String> matches;
        try {
            matches = matcher(request.transactionalIdPattern());
        } catch (PatternSyntaxException e) {
            reply.send(new ListTransactionsResponse().errorCode(ErrorCode.INVALID_REGULAR_EXPRESSION.code()));
            return;
        }
        transactions.askAll(
                shard -> new ListTransactions(shard).handle(request, matches),
                found -> reply.send(new ListTransactionsResponse()
                        .unknownStateFilters(ListTransactions.unknownStates(request))
                        .transactionStates(found.stream()
                                .filter(state -> isVisible(context, state.transactionalId()))
                                .toList())),
                error -> reply.send(new ListTransactionsResponse().errorCode(error.code())));
    }

    static boolean isVisible(RequestContext context, String transactionalId) {
        return context.allows(AclOperation.DESCRIBE, ResourceType.TRANSACTIONAL_ID, transactionalId);
    }

    private static Predicate<String> matcher(@Nullable String pattern) {
        if (pattern == null || pattern.isEmpty()) {
            return id -> true;
        }
        return LinearPattern.compile(pattern)::matches;
    }
}
