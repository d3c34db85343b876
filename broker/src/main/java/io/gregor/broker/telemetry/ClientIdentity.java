package io.gregor.broker.telemetry;

import io.gregor.broker.net.RequestContext;
import io.gregor.wire.Uuid;
import org.jspecify.annotations.Nullable;

/** A client instance as subscriptions may ask for it, and as what it pushes is labelled. */
record ClientIdentity(
        Uuid instance,
        String clientId,
        String softwareName,
        String softwareVersion,
        String sourceAddress,
        int sourcePort) {

    static ClientIdentity of(Uuid instance, RequestContext context) {
        return new ClientIdentity(
                instance,
                context.clientId(),
                context.peer().software().name(),
                context.peer().software().version(),
                context.caller().address().getAddress().getHostAddress(),
                context.caller().address().getPort());
    }

    /** The value of what {@code match} of a subscription names, or null if there is no such thing. */
    @Nullable
    String attribute(String name) {
        return switch (name) {
            case "client_instance_id" -> instance.toString();
            case "client_id" -> clientId;
            case "client_software_name" -> softwareName;
            case "client_software_version" -> softwareVersion;
            case "client_source_address" -> sourceAddress;
            case "client_source_port" -> String.valueOf(sourcePort);
            default -> null;
        };
    }
}
