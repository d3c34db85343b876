package io.gregor.broker.api.transaction;

import io.gregor.broker.coordination.Coordinators;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.TopicNames;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.coordinator.transaction.AddPartitions;
import io.gregor.wire.message.AddOffsetsToTxnRequest;
import io.gregor.wire.message.AddOffsetsToTxnResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.Set;

/**
 * Makes the offsets of a group part of a transaction: adds the partition that holds them.
 *
 * <p>Version 2: PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH.
 */
public record AddOffsetsToTxnHandler(Coordinators coordinators)
        implements ApiHandler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> {
    private static final int FIRST_VERSION_WITH_FENCED = 2;

    @Override
    public void handle(RequestContext context, AddOffsetsToTxnRequest request, Reply<AddOffsetsToTxnResponse> reply) {
        int index = coordinators.groups().indexOf(request.groupId());
        if (index < 0) {
            send(reply, ErrorCode.COORDINATOR_NOT_AVAILABLE);
            return;
        }
        TopicPartition target = new TopicPartition(TopicNames.OFFSETS, index);
        coordinators
                .transactions()
                .<ErrorCode>ask(
                        request.transactionalId(),
                        (shard, answer) -> new AddPartitions(shard)
                                .add(
                                        request.transactionalId(),
                                        request.producerId(),
                                        request.producerEpoch(),
                                        Set.of(target),
                                        (short) 0,
                                        answer),
                        error -> error,
                        error -> send(reply, inVersion(error, context.version())));
    }

    private static ErrorCode inVersion(ErrorCode error, short version) {
        return error == ErrorCode.PRODUCER_FENCED && version < FIRST_VERSION_WITH_FENCED
                ? ErrorCode.INVALID_PRODUCER_EPOCH
                : error;
    }

    private static void send(Reply<AddOffsetsToTxnResponse> reply, ErrorCode error) {
        reply.send(new AddOffsetsToTxnResponse().errorCode(error.code()));
    }
}
