package io.gregor.broker.api;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.metadata.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.AllocateProducerIds;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.InitProducerIdRequest;
import io.gregor.wire.message.InitProducerIdResponse;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Gives a producer the id under which it can produce without duplicates. Ids come in blocks from the cluster's
 * metadata, so that none is ever given out twice. Transactional ids are refused with COORDINATOR_NOT_AVAILABLE: there
 * is no transaction coordinator.
 */
public final class InitProducerId implements ApiHandler<InitProducerIdRequest, InitProducerIdResponse> {
    private static final long NO_BROKER_EPOCH = -1;

    private final BrokerConfig config;
    private final ClusterMetadata metadata;
    private final Queue<Reply<InitProducerIdResponse>> waiting = new ArrayDeque<>();
    private long next;
    private long end;

    public InitProducerId(BrokerConfig config, ClusterMetadata metadata) {
        this.config = config;
        this.metadata = metadata;
    }

    @Override
    public void handle(RequestContext context, InitProducerIdRequest request, Reply<InitProducerIdResponse> reply) {
        String transactionalId = request.transactionalId();
        if (transactionalId != null) {
            ErrorCode error =
                    transactionalId.isEmpty() ? ErrorCode.INVALID_REQUEST : ErrorCode.COORDINATOR_NOT_AVAILABLE;
            reply.send(new InitProducerIdResponse().errorCode(error.code()).producerEpoch((short) -1));
            return;
        }
        boolean first;
        synchronized (waiting) {
            if (next < end) {
                reply.send(response(next++));
                return;
            }
            waiting.add(reply);
            first = waiting.size() == 1;
        }
        if (first) {
            fetchBlock();
        }
    }

    private void fetchBlock() {
        metadata.change(
                image -> AllocateProducerIds.decide(image, config.nodeId(), NO_BROKER_EPOCH),
                this::useBlock,
                this::fail);
    }

    private void useBlock(long firstId) {
        boolean more;
        synchronized (waiting) {
            next = firstId;
            end = firstId + AllocateProducerIds.BLOCK;
            while (next < end && !waiting.isEmpty()) {
                waiting.remove().send(response(next++));
            }
            more = !waiting.isEmpty();
        }
        if (more) {
            fetchBlock();
        }
    }

    private void fail(ErrorCode error) {
        synchronized (waiting) {
            while (!waiting.isEmpty()) {
                waiting.remove().send(new InitProducerIdResponse().errorCode(error.code()));
            }
        }
    }

    private static InitProducerIdResponse response(long producerId) {
        return new InitProducerIdResponse().producerId(producerId).producerEpoch((short) 0);
    }
}
