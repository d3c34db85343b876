package io.gregor.controller.operation;

import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.ApiError;
import io.gregor.wire.message.AllocateProducerIdsRequest;
import io.gregor.wire.message.AllocateProducerIdsResponse;
import io.gregor.wire.message.ProducerIdsRecord;
import java.util.List;

/** Gives a broker the next block of producer ids. Pure. */
public record AllocateProducerIds() implements Operation<AllocateProducerIdsRequest, AllocateProducerIdsResponse> {
    /** Kafka's size of a block. */
    public static final int BLOCK = 1000;

    @Override
    public ControllerResult<AllocateProducerIdsResponse> decide(
            MetadataImage image, AllocateProducerIdsRequest request, ControllerContext context) {
        long first = image.nextProducerId();
        return new ControllerResult<>(
                List.of(new ProducerIdsRecord()
                        .brokerId(request.brokerId())
                        .brokerEpoch(request.brokerEpoch())
                        .nextProducerId(first + BLOCK)),
                new AllocateProducerIdsResponse().producerIdStart(first).producerIdLen(BLOCK));
    }

    @Override
    public AllocateProducerIdsResponse refused(AllocateProducerIdsRequest request, ApiError error) {
        return new AllocateProducerIdsResponse().errorCode(error.code().code());
    }
}
