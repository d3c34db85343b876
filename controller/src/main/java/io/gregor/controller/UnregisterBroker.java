package io.gregor.controller;

import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.RegisterBrokerRecord;
import io.gregor.wire.message.UnregisterBrokerRecord;
import io.gregor.wire.message.UnregisterBrokerRequest;
import io.gregor.wire.message.UnregisterBrokerResponse;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Forgets the registration of a broker (KIP-185). Only one that Apache Kafka has left in the metadata can be meant: this
 * broker itself runs, and is refused. Pure.
 */
public final class UnregisterBroker {
    private UnregisterBroker() {}

    public static Decision<UnregisterBrokerResponse> decide(
            MetadataImage image, UnregisterBrokerRequest request, int nodeId) {
        int id = request.brokerId();
        if (id == nodeId) {
            return refused(
                    ErrorCode.INVALID_REQUEST,
                    "Broker ID " + id + " is this broker, which runs: only one that is gone can be unregistered");
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
