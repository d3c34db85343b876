package io.gregor.controller;

import io.gregor.wire.Message;
import io.gregor.wire.message.ClientQuotaRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The quotas of clients. Immutable.
 *
 * @param all by entity, the values by key
 */
public record ClientQuotas(Map<QuotaEntity, Map<String, Double>> all) {
    public static final ClientQuotas NONE = new ClientQuotas(Map.of());

    /**
     * What holds for a client, and with whom it shares that.
     *
     * @param user empty if all users of that client id share it
     * @param clientId empty if all client ids of that user share it
     */
    public record Limit(String user, String clientId, double value) {}

    public Map<String, Double> of(QuotaEntity entity) {
        return all.getOrDefault(entity, Map.of());
    }

    /**
     * The most specific limit, in the order of KIP-55 and KIP-546: user and client id, each before its default, then
     * the user alone, then the client id alone. Null if there is none.
     */
    public @Nullable Limit limit(String key, String user, String clientId) {
        Double value = value(key, QuotaEntity.ofUserAndClient(user, clientId));
        value = value != null ? value : value(key, QuotaEntity.ofUserAndClient(user, null));
        if (value != null) {
            return new Limit(user, clientId, value);
        }
        value = value(key, QuotaEntity.of(QuotaEntity.USER, user));
        if (value != null) {
            return new Limit(user, "", value);
        }
        value = value(key, QuotaEntity.ofUserAndClient(null, clientId));
        value = value != null ? value : value(key, QuotaEntity.ofUserAndClient(null, null));
        if (value != null) {
            return new Limit(user, clientId, value);
        }
        value = value(key, QuotaEntity.of(QuotaEntity.USER, null));
        if (value != null) {
            return new Limit(user, "", value);
        }
        value = value(key, QuotaEntity.of(QuotaEntity.CLIENT_ID, clientId));
        value = value != null ? value : value(key, QuotaEntity.of(QuotaEntity.CLIENT_ID, null));
        return value == null ? null : new Limit("", clientId, value);
    }

    private @Nullable Double value(String key, QuotaEntity entity) {
        return of(entity).get(key);
    }

    List<Message> records() {
        List<Message> records = new ArrayList<>();
        all.forEach((entity, values) ->
                values.forEach((key, value) -> records.add(record(entity, key).value(value))));
        return records;
    }

    /** A record that sets one quota, without its value. */
    public static ClientQuotaRecord record(QuotaEntity entity, String key) {
        List<ClientQuotaRecord.EntityData> parts = new ArrayList<>();
        BiConsumer<String, @Nullable String> add = (type, name) ->
                parts.add(new ClientQuotaRecord.EntityData().entityType(type).entityName(name));
        entity.names().forEach(add);
        return new ClientQuotaRecord().entity(parts).key(key);
    }
}
