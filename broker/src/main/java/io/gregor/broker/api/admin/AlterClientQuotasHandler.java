package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.AlterClientQuotas;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.AlterClientQuotasResponse;
import io.gregor.wire.message.AlterClientQuotasResponse.EntityData;
import io.gregor.wire.message.AlterClientQuotasResponse.EntryData;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Changes quotas of clients; see {@link AlterClientQuotas} for the rules. */
public record AlterClientQuotasHandler(ClusterMetadata metadata)
        implements ApiHandler<AlterClientQuotasRequest, AlterClientQuotasResponse> {
    @Override
    public void handle(
            RequestContext context, AlterClientQuotasRequest request, Reply<AlterClientQuotasResponse> reply) {
        AlterClientQuotas operation = new AlterClientQuotas(AlterClientQuotasHandler::resolves);
        metadata.change(
                image -> operation.decide(image, request),
                reply::send,
                error -> reply.send(new AlterClientQuotasResponse()
                        .entries(request.entries().stream()
                                .map(entry -> new EntryData()
                                        .entity(entry.entity().stream()
                                                .map(part -> new EntityData()
                                                        .entityType(part.entityType())
                                                        .entityName(part.entityName()))
                                                .toList())
                                        .errorCode(error.code())
                                        .errorMessage(error.message()))
                                .toList())));
    }

    /** On the controller's thread, which may wait for the name service. */
    private static boolean resolves(String address) {
        try {
            return InetAddress.getByName(address) != null;
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
