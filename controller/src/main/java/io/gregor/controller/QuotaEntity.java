package io.gregor.controller;

import io.gregor.wire.message.ClientQuotaRecord;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whom quotas are for.
 *
 * @param names by type (user, client-id, ip); a null name stands for all that have no quota of their own
 */
public record QuotaEntity(Map<String, @Nullable String> names) implements Comparable<QuotaEntity> {
    public static final String USER = "user";
    public static final String CLIENT_ID = "client-id";
    public static final String IP = "ip";

    public QuotaEntity {
        names = Collections.unmodifiableMap(new TreeMap<>(names));
    }

    /** Some order, so that names of one hash value do not make look-ups slow. */
    @Override
    public int compareTo(QuotaEntity that) {
        Iterator<Map.Entry<String, @Nullable String>> others =
                that.names.entrySet().iterator();
        for (Map.Entry<String, @Nullable String> part : names.entrySet()) {
            if (!others.hasNext()) {
                return 1;
            }
            Map.Entry<String, @Nullable String> other = others.next();
            int byPart = part.getKey().compareTo(other.getKey());
            byPart = byPart != 0 ? byPart : compare(part.getValue(), other.getValue());
            if (byPart != 0) {
                return byPart;
            }
        }
        return others.hasNext() ? -1 : 0;
    }

    private static int compare(@Nullable String one, @Nullable String other) {
        if (one == null || other == null) {
            return Boolean.compare(one != null, other != null);
        }
        return one.compareTo(other);
    }

    static QuotaEntity of(ClientQuotaRecord record) {
        Map<String, @Nullable String> names = new TreeMap<>();
        record.entity().forEach(part -> names.put(part.entityType(), part.entityName()));
        return new QuotaEntity(names);
    }

    static QuotaEntity of(String type, @Nullable String name) {
        Map<String, @Nullable String> names = new TreeMap<>();
        names.put(type, name);
        return new QuotaEntity(names);
    }

    static QuotaEntity ofUserAndClient(@Nullable String user, @Nullable String clientId) {
        Map<String, @Nullable String> names = new TreeMap<>();
        names.put(USER, user);
        names.put(CLIENT_ID, clientId);
        return new QuotaEntity(names);
    }
}
