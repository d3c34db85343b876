package io.gregor.broker.api.telemetry;

import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.telemetry.ClientInstance;
import io.gregor.broker.telemetry.ClientTelemetry;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.PushTelemetryRequest;
import io.gregor.wire.message.PushTelemetryResponse;
import io.gregor.wire.record.Compression;
import java.util.Set;

/**
 * Takes a client's metrics (KIP-714), in OTLP. Errors: INVALID_REQUEST of a client without an id, or after it said that
 * it ends; THROTTLING_QUOTA_EXCEEDED before an interval is over; UNKNOWN_SUBSCRIPTION_ID if it has to ask for its
 * subscription again; UNSUPPORTED_COMPRESSION_TYPE; TELEMETRY_TOO_LARGE; INVALID_RECORD if it cannot be read.
 */
public record PushTelemetryHandler(ClientTelemetry telemetry)
        implements ApiHandler<PushTelemetryRequest, PushTelemetryResponse> {
    private static final Set<Uuid> NOT_OF_CLIENTS = Set.of(Uuid.ZERO, Uuid.METADATA_TOPIC);

    @Override
    public void handle(RequestContext context, PushTelemetryRequest request, Reply<PushTelemetryResponse> reply) {
        if (NOT_OF_CLIENTS.contains(request.clientInstanceId())) {
            answer(reply, ErrorCode.INVALID_REQUEST);
            return;
        }
        ClientInstance instance = telemetry.instance(request.clientInstanceId(), context);
        ErrorCode error = telemetry.push(instance, request);
        Compression compression = Compression.of(request.compressionType());
        if (error != ErrorCode.NONE || compression == null || request.metrics().length == 0) {
            answer(reply, error);
            return;
        }
        telemetry.receive(instance, compression, request.metrics(), done -> answer(reply, done));
    }

    private static void answer(Reply<PushTelemetryResponse> reply, ErrorCode error) {
        reply.send(new PushTelemetryResponse().errorCode(error.code()));
    }
}
