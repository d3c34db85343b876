package io.gregor.controller;

import io.gregor.wire.Message;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.AlterClientQuotasRequest.OpData;
import io.gregor.wire.message.AlterClientQuotasResponse;
import io.gregor.wire.message.AlterClientQuotasResponse.EntityData;
import io.gregor.wire.message.AlterClientQuotasResponse.EntryData;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Changes quotas of clients, each entity for itself (KIP-546). Pure.
 *
 * @param resolves whether a host of that name, or an address, is known
 */
public record AlterClientQuotas(Predicate<String> resolves) {
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

    public Decision<AlterClientQuotasResponse> decide(MetadataImage image, AlterClientQuotasRequest request) {
        List<Message> records = new ArrayList<>();
        Map<QuotaEntity, @Nullable String> objections = new LinkedHashMap<>();
        for (AlterClientQuotasRequest.EntryData entry : request.entries()) {
            Map<String, @Nullable String> names = new TreeMap<>();
            entry.entity().forEach(part -> names.put(part.entityType(), part.entityName()));
            QuotaEntity entity = new QuotaEntity(names);
            if (objections.containsKey(entity)) {
                objections.put(entity, "Ignoring duplicate entity " + shown(entity));
                continue;
            }
            List<Message> own = new ArrayList<>();
            String objection = decide(image.quotas().of(entity), entity, entry.ops(), own);
            objections.put(entity, objection);
            if (objection == null) {
                records.addAll(own);
            }
        }
        List<EntryData> results = new ArrayList<>();
        BiConsumer<QuotaEntity, @Nullable String> add = (entity, objection) -> results.add(result(entity, objection));
        objections.forEach(add);
        return new Decision<>(
                request.validateOnly() ? List.of() : records, new AlterClientQuotasResponse().entries(results));
    }

    private static EntryData result(QuotaEntity entity, @Nullable String objection) {
        List<EntityData> parts = new ArrayList<>();
        BiConsumer<String, @Nullable String> add =
                (type, name) -> parts.add(new EntityData().entityType(type).entityName(name));
        entity.names().forEach(add);
        ErrorCode error = objection == null ? ErrorCode.NONE : ErrorCode.INVALID_REQUEST;
        return new EntryData().entity(parts).errorCode(error.code()).errorMessage(objection);
    }

    private static String shown(QuotaEntity entity) {
        return "ClientQuotaEntity(entries=" + entity.names() + ")";
    }

    /** Why that cannot be done, or null. */
    private @Nullable String decide(
            Map<String, Double> before, QuotaEntity entity, List<OpData> changes, List<Message> records) {
        Set<String> keys = new HashSet<>();
        for (OpData change : changes) {
            if (!keys.add(change.key())) {
                return "Duplicate quota key " + change.key() + " not updating quota for this entity " + shown(entity);
            }
        }
        String objection = objection(entity);
        if (objection != null) {
            return objection;
        }
        Map<String, Range> allowed = entity.names().containsKey(QuotaEntity.IP) ? OF_ADDRESSES : OF_CLIENTS;
        for (OpData change : changes) {
            Double now = before.get(change.key());
            if (change.remove()) {
                if (now != null) {
                    records.add(ClientQuotas.record(entity, change.key()).remove(true));
                }
                continue;
            }
            String bad = objection(allowed.get(change.key()), change.key(), change.value());
            if (bad != null) {
                return bad;
            }
            if (now == null || now != change.value()) {
                records.add(ClientQuotas.record(entity, change.key()).value(change.value()));
            }
        }
        return null;
    }

    private @Nullable String objection(QuotaEntity entity) {
        if (entity.names().isEmpty()) {
            return "Invalid empty client quota entity";
        }
        for (String type : entity.names().keySet()) {
            if (!Set.of(QuotaEntity.USER, QuotaEntity.CLIENT_ID, QuotaEntity.IP).contains(type)) {
                return "Unhandled client quota entity type: " + type;
            }
            if ("".equals(entity.names().get(type))) {
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
        return address == null || resolves.test(address) ? null : address + " is not a valid IP or resolvable host.";
    }

    private static @Nullable String objection(@Nullable Range range, String key, double value) {
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
