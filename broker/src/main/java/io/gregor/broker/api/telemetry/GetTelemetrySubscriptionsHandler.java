package io.gregor.broker.api.telemetry;

import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.telemetry.ClientInstance;
import io.gregor.broker.telemetry.ClientTelemetry;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.GetTelemetrySubscriptionsRequest;
import io.gregor.wire.message.GetTelemetrySubscriptionsResponse;
import io.gregor.wire.record.Compression;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which of its metrics a client shall push, and how often (KIP-714). A client that asks again before an interval is
 * over is refused with THROTTLING_QUOTA_EXCEEDED.
 */
public record GetTelemetrySubscriptionsHandler(ClientTelemetry telemetry)
        implements ApiHandler<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse> {
    /** The best first, as Kafka names them. */
    private static final List<Byte> COMPRESSIONS = Stream.of(
                    Compression.ZSTD, Compression.LZ4, Compression.GZIP, Compression.SNAPPY)
            .map(codec -> (byte) codec.ordinal())
            .toList();

    @Override
    public void handle(
            RequestContext context,
            GetTelemetrySubscriptionsRequest request,
            Reply<GetTelemetrySubscriptionsResponse> reply) {
        Uuid asked = request.clientInstanceId();
        ClientInstance instance =
                telemetry.instance(asked.equals(Uuid.ZERO) ? telemetry.newInstanceId() : asked, context);
        ErrorCode error = telemetry.ask(instance);
        if (error != ErrorCode.NONE) {
            reply.send(new GetTelemetrySubscriptionsResponse().errorCode(error.code()));
            return;
        }
        reply.send(new GetTelemetrySubscriptionsResponse()
                .clientInstanceId(instance.id())
                .subscriptionId(instance.subscriptionId())
                .acceptedCompressionTypes(COMPRESSIONS)
                .pushIntervalMs(instance.pushIntervalMs())
                .telemetryMaxBytes(telemetry.maxBytes())
                .deltaTemporality(true)
                .requestedMetrics(instance.metrics()));
    }
}
