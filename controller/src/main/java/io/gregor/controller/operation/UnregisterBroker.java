package io.gregor.controller.operation;

import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MetadataRecords;
import io.gregor.controller.UnsupportedRecords;
import io.gregor.wire.ApiError;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.RegisterBrokerRecord;
import io.gregor.wire.message.UnregisterBrokerRecord;
import io.gregor.wire.message.UnregisterBrokerRequest;
import io.gregor.wire.message.UnregisterBrokerResponse;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Forgets the registration of a broker (KIP-185): one that Apache Kafka has left in the metadata. This broker itself is
 * answered that it is forgotten, too, and changes nothing: one that runs registers again. Pure.
 */
public record UnregisterBroker(int nodeId) implements Operation<UnregisterBrokerRequest, UnregisterBrokerResponse> {
    @Override
    public ControllerResult<UnregisterBrokerResponse> decide(
            MetadataImage image, UnregisterBrokerRequest request, ControllerContext context) {
        int id = request.brokerId();
        if (id == nodeId) {
            return new ControllerResult<>(List.of(), new UnregisterBrokerResponse().errorMessage(null));
        }
        ByteBuffer registration = image.unsupported().get(UnsupportedRecords.registration(id));
        if (registration == null) {
            ApiError unknown = new ApiError(
                    ErrorCode.BROKER_ID_NOT_REGISTERED, "Broker ID " + id + " is not currently registered");
            return new ControllerResult<>(List.of(), refused(request, unknown));
        }
        long epoch = ((RegisterBrokerRecord) MetadataRecords.decode(registration)).brokerEpoch();
        return new ControllerResult<>(
                List.of(new UnregisterBrokerRecord().brokerId(id).brokerEpoch(epoch)),
                new UnregisterBrokerResponse().errorMessage(null));
    }

    @Override
    public UnregisterBrokerResponse refused(UnregisterBrokerRequest request, ApiError error) {
        return new UnregisterBrokerResponse().errorCode(error.code().code()).errorMessage(error.message());
    }
}
