package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.QuotaEntity;
import io.gregor.wire.message.DescribeClientQuotasRequest;
import io.gregor.wire.message.DescribeClientQuotasRequest.ComponentData;
import io.gregor.wire.message.DescribeClientQuotasResponse;
import io.gregor.wire.message.DescribeClientQuotasResponse.EntityData;
import io.gregor.wire.message.DescribeClientQuotasResponse.EntryData;
import io.gregor.wire.message.DescribeClientQuotasResponse.ValueData;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The quotas that are set for the clients that a filter names (KIP-546). */
public final class DescribeClientQuotasHandler
        implements ApiHandler<DescribeClientQuotasRequest, DescribeClientQuotasResponse> {
    private static final byte EXACT = 0;
    private static final byte DEFAULT = 1;
    private static final byte SPECIFIED = 2;

    private final ClusterMetadata metadata;

    public DescribeClientQuotasHandler(ClusterMetadata metadata) {
        this.metadata = metadata;
    }

    @Override
    public void handle(
            RequestContext context, DescribeClientQuotasRequest request, Reply<DescribeClientQuotasResponse> reply) {
        DescribeClientQuotasResponse refusal = refusal(request.components());
        reply.send(refusal == null ? describe(request) : refusal);
    }

    private DescribeClientQuotasResponse describe(DescribeClientQuotasRequest request) {
        List<EntryData> entries = new ArrayList<>();
        metadata.image().quotas().all().forEach((entity, values) -> {
            boolean wanted = request.components().stream().allMatch(component -> matches(entity, component));
            if (wanted
                    && (!request.strict()
                            || entity.names().size() == request.components().size())) {
                entries.add(entry(entity, values));
            }
        });
        return new DescribeClientQuotasResponse().entries(entries);
    }

    private static boolean matches(QuotaEntity entity, ComponentData component) {
        return entity.names().containsKey(component.entityType())
                && (component.matchType() == SPECIFIED
                        || Objects.equals(entity.names().get(component.entityType()), component.match()));
    }

    private static EntryData entry(QuotaEntity entity, Map<String, Double> values) {
        List<EntityData> parts = new ArrayList<>();
        BiConsumer<String, @Nullable String> add =
                (type, name) -> parts.add(new EntityData().entityType(type).entityName(name));
        entity.names().forEach(add);
        List<ValueData> shown = new ArrayList<>();
        values.forEach((key, value) -> shown.add(new ValueData().key(key).value(value)));
        return new EntryData().entity(parts).values(shown);
    }

    /** Why the filter makes no sense, or null. */
    private static @Nullable DescribeClientQuotasResponse refusal(List<ComponentData> components) {
        Set<String> types = new HashSet<>();
        for (ComponentData component : components) {
            String type = component.entityType();
            if (type.isEmpty()) {
                return refused(ErrorCode.INVALID_REQUEST, "Invalid empty entity type.");
            }
            if (!types.add(type)) {
                return refused(
                        ErrorCode.INVALID_REQUEST,
                        "Entity type " + type + " cannot appear more than once in the filter.");
            }
            if (!Set.of(QuotaEntity.IP, QuotaEntity.USER, QuotaEntity.CLIENT_ID).contains(type)) {
                return refused(ErrorCode.UNSUPPORTED_VERSION, "Unsupported entity type " + type);
            }
            String objection = objection(component);
            if (objection != null) {
                return refused(ErrorCode.INVALID_REQUEST, objection);
            }
        }
        return types.contains(QuotaEntity.IP) && types.size() > 1
                ? refused(
                        ErrorCode.INVALID_REQUEST,
                        "Invalid entity filter component combination. IP filter component should not be used with user"
                                + " or clientId filter component.")
                : null;
    }

    private static @Nullable String objection(ComponentData component) {
        boolean named = component.match() != null;
        return switch (component.matchType()) {
            case EXACT -> named ? null : "Request specified MATCH_TYPE_EXACT, but set match string to null.";
            case DEFAULT -> named ? "Request specified MATCH_TYPE_DEFAULT, but also specified a match string." : null;
            case SPECIFIED ->
                named ? "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string." : null;
            default -> "Unknown match type " + component.matchType();
        };
    }

    private static DescribeClientQuotasResponse refused(ErrorCode error, String message) {
        return new DescribeClientQuotasResponse()
                .errorCode(error.code())
                .errorMessage(message)
                .entries(null);
    }
}
