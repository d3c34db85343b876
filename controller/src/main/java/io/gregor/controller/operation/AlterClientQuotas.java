package io.gregor.controller.operation;

import io.gregor.controller.ClientQuotas;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.QuotaEntity;
import io.gregor.wire.ApiError;
import io.gregor.wire.Message;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.AlterClientQuotasRequest.OpData;
import io.gregor.wire.message.AlterClientQuotasResponse;
import io.gregor.wire.message.AlterClientQuotasResponse.EntityData;
import io.gregor.wire.message.AlterClientQuotasResponse.EntryData;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Changes quotas of clients, each entity for itself (KIP-546). Pure. */
public record AlterClientQuotas() implements Operation<AlterClientQuotasRequest, AlterClientQuotasResponse> {
    /** Of rates that are whole numbers, how far they may be off. */
    private static final double WHOLE = 1e-6;

    /** The largest value of each key for users and client ids, and whether it may have a fraction. */
    private static final Map<String, Range> OF_CLIENTS = Map.of(
            "producer_byte_rate", new Range(Long.MAX_VALUE, "a LONG", true),
            "consumer_byte_rate", new Range(Long.MAX_VALUE, "a LONG", true),
            "request_percentage", new Range(Double.MAX_VALUE, "a DOUBLE", false),
            "controller_mutation_rate", new Range(Double.MAX_VALUE, "a DOUBLE", false));

    private static final Map<String, Range> OF_ADDRESSES =
            Map.of("connection_creation_rate", new Range(Integer.MAX_VALUE, "an INT", true));

    private record Range(double most, String type, boolean whole) {}

    @Override
    public ControllerResult<AlterClientQuotasResponse> decide(
            MetadataImage image, AlterClientQuotasRequest request, ControllerContext context) {
        List<Message> records = new ArrayList<>();
        Map<QuotaEntity, ApiError> errors = new LinkedHashMap<>();
        for (AlterClientQuotasRequest.EntryData entry : request.entries()) {
            QuotaEntity entity = entity(entry);
            if (errors.containsKey(entity)) {
                errors.put(entity, invalid("Ignoring duplicate entity " + shown(entity)));
                continue;
            }
            List<Message> own = new ArrayList<>();
            String problem = decide(image, context, entity, entry, own);
            errors.put(entity, problem == null ? ApiError.NONE : invalid(problem));
            if (problem == null && !request.validateOnly()) {
                records.addAll(own);
            }
            if (records.size() > RECORDS_MAX) {
                break;
            }
        }
        List<EntryData> results = new ArrayList<>();
        errors.forEach((entity, error) -> results.add(result(entity.names(), error)));
        return new ControllerResult<>(records, new AlterClientQuotasResponse().entries(results));
    }

    @Override
    public AlterClientQuotasResponse refused(AlterClientQuotasRequest request, ApiError error) {
        List<EntryData> results = new ArrayList<>();
        request.entries().forEach(entry -> results.add(result(entity(entry).names(), error)));
        return new AlterClientQuotasResponse().entries(results);
    }

    @Override
    public Set<String> hosts(AlterClientQuotasRequest request) {
        Set<String> hosts = new HashSet<>();
        for (AlterClientQuotasRequest.EntryData entry : request.entries()) {
            for (AlterClientQuotasRequest.EntityData part : entry.entity()) {
                String name = part.entityName();
                if (part.entityType().equals(QuotaEntity.IP) && name != null && !name.isEmpty()) {
                    hosts.add(name);
                }
            }
        }
        return hosts;
    }

    private static QuotaEntity entity(AlterClientQuotasRequest.EntryData entry) {
        Map<String, @Nullable String> names = new TreeMap<>();
        entry.entity().forEach(part -> names.put(part.entityType(), part.entityName()));
        return new QuotaEntity(names);
    }

    private static ApiError invalid(String message) {
        return new ApiError(ErrorCode.INVALID_REQUEST, message);
    }

    private static EntryData result(Map<String, @Nullable String> names, ApiError error) {
        List<EntityData> parts = new ArrayList<>(names.size());
        BiConsumer<String, @Nullable String> add =
                (type, name) -> parts.add(new EntityData().entityType(type).entityName(name));
        names.forEach(add);
        return new EntryData().entity(parts).errorCode(error.code().code()).errorMessage(error.message());
    }

    private static String shown(QuotaEntity entity) {
        return "ClientQuotaEntity(entries=" + entity.names() + ")";
    }

    /** Why that cannot be done, or null. */
    private static @Nullable String decide(
            MetadataImage image,
            ControllerContext context,
            QuotaEntity entity,
            AlterClientQuotasRequest.EntryData entry,
            List<Message> records) {
        List<OpData> changes = entry.ops();
        Map<String, OpData> byKey = new HashMap<>(changes.size());
        changes.forEach(change -> byKey.put(change.key(), change));
        if (byKey.size() < changes.size()) {
            // Kafka notes an error for the keys, takes the entity for one that it has met already, and says so.
            return "Ignoring duplicate entity " + shown(entity);
        }
        String problem = problem(entity, entry.entity(), context);
        if (problem != null) {
            return problem;
        }
        Map<String, Double> before = image.quotas().of(entity);
        Map<String, Range> allowed = entity.names().containsKey(QuotaEntity.IP) ? OF_ADDRESSES : OF_CLIENTS;
        for (OpData change : byKey.values()) {
            Double now = before.get(change.key());
            if (change.remove()) {
                if (now != null) {
                    records.add(ClientQuotas.record(entity, change.key()).remove(true));
                }
                continue;
            }
            String bad = problem(allowed.get(change.key()), change.key(), change.value());
            if (bad != null) {
                return bad;
            }
            if (now == null || now != change.value()) {
                records.add(ClientQuotas.record(entity, change.key()).value(change.value()));
            }
        }
        return null;
    }

    private static @Nullable String problem(
            QuotaEntity entity, List<AlterClientQuotasRequest.EntityData> parts, ControllerContext context) {
        if (entity.names().isEmpty()) {
            return "Invalid empty client quota entity";
        }
        Map<String, @Nullable String> names = new HashMap<>(parts.size());
        parts.forEach(part -> names.put(part.entityType(), part.entityName()));
        // In the order in which Kafka meets them.
        for (String type : names.keySet()) {
            if (!Set.of(QuotaEntity.USER, QuotaEntity.CLIENT_ID, QuotaEntity.IP).contains(type)) {
                return "Unhandled client quota entity type: " + type;
            }
            if ("".equals(names.get(type))) {
                return "Empty " + type + " not supported";
            }
        }
        if (!entity.names().containsKey(QuotaEntity.IP)) {
            return null;
        }
        if (entity.names().size() > 1) {
            return "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId";
        }
        String address = entity.names().get(QuotaEntity.IP);
        boolean known = address == null || !context.unknownHosts().contains(address);
        return known ? null : address + " is not a valid IP or resolvable host.";
    }

    private static @Nullable String problem(@Nullable Range range, String key, double value) {
        if (range == null) {
            return "Invalid configuration key " + key;
        }
        if (value <= 0) {
            return "Quota " + key + " must be greater than 0";
        }
        if (value > range.most()) {
            return "Proposed value for " + key + " is too large for " + range.type() + ".";
        }
        return range.whole() && Math.abs(value % 1.0) > WHOLE ? key + " cannot be a fractional value." : null;
    }
}
