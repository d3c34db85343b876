package io.gregor.controller;

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
public final class UnregisterBroker {
    private UnregisterBroker() {}

    public static Decision<UnregisterBrokerResponse> decide(
            MetadataImage image, UnregisterBrokerRequest request, int nodeId) {
        int id = request.brokerId();
        if (id == nodeId) {
            return new Decision<>(List.of(), new UnregisterBrokerResponse().errorMessage(null));
        }
        ByteBuffer registration = image.kept().get(KeptRecords.registration(id));
        if (registration == null) {
            return refused(ErrorCode.BROKER_ID_NOT_REGISTERED, "Broker ID " + id + " is not currently registered");
        }
        long epoch = ((RegisterBrokerRecord) MetadataRecords.decode(registration)).brokerEpoch();
        return new Decision<>(
                List.of(new UnregisterBrokerRecord().brokerId(id).brokerEpoch(epoch)),
                new UnregisterBrokerResponse().errorMessage(null));
    }

    private static Decision<UnregisterBrokerResponse> refused(ErrorCode error, String message) {
        return new Decision<>(
                List.of(),
                new UnregisterBrokerResponse().errorCode(error.code()).errorMessage(message));
    }
}
