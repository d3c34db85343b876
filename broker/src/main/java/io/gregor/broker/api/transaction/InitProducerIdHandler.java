package io.gregor.broker.api.transaction;

import io.gregor.broker.coordination.Coordinators;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.transaction.InitProducer;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.InitProducerIdRequest;
import io.gregor.wire.message.InitProducerIdResponse;

/**
 * Gives a producer the id under which it can produce without duplicates; with a transactional id see {@link
 * InitProducer}.
 *
 * <p>Version 3: the id and epoch that it has (KIP-360). 4: PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH.
 * 6 (unstable): two-phase commit (KIP-939).
 */
public record InitProducerIdHandler(Coordinators coordinators)
        implements ApiHandler<InitProducerIdRequest, InitProducerIdResponse> {
    private static final int FIRST_VERSION_WITH_FENCED = 4;

    @Override
    public void handle(RequestContext context, InitProducerIdRequest request, Reply<InitProducerIdResponse> reply) {
        String transactionalId = request.transactionalId();
        boolean hasId = request.producerId() != -1;
        boolean hasEpoch = request.producerEpoch() != -1;
        if (hasId != hasEpoch || transactionalId != null && transactionalId.isEmpty()) {
            send(reply, refused(ErrorCode.INVALID_REQUEST), context);
        } else if (transactionalId == null) {
            coordinators
                    .producerIds()
                    .next(
                            id -> send(
                                    reply,
                                    new InitProducerIdResponse().producerId(id).producerEpoch((short) 0),
                                    context),
                            error -> send(reply, refused(error), context));
        } else {
            coordinators
                    .transactions()
                    .ask(
                            transactionalId,
                            (shard, answer) -> new InitProducer(shard).handle(request, answer),
                            InitProducerIdHandler::refused,
                            response -> send(reply, response, context));
        }
    }

    private static InitProducerIdResponse refused(ErrorCode error) {
        return new InitProducerIdResponse()
                .errorCode(error.code())
                .producerId(-1)
                .producerEpoch((short) -1);
    }

    private static void send(
            Reply<InitProducerIdResponse> reply, InitProducerIdResponse response, RequestContext context) {
        boolean fenced = response.errorCode() == ErrorCode.PRODUCER_FENCED.code();
        if (fenced && context.version() < FIRST_VERSION_WITH_FENCED) {
            response.errorCode(ErrorCode.INVALID_PRODUCER_EPOCH.code());
        }
        reply.send(response);
    }
}
