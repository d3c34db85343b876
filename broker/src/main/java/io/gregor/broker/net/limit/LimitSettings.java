package io.gregor.broker.net.limit;

import io.gregor.broker.config.ConnectionKeys;
import io.gregor.broker.config.DynamicConfig;
import io.gregor.controller.ClientQuotas;
import io.gregor.controller.QuotaEntity;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All limits of connections at one moment. Immutable.
 *
 * @param open of connections that are open
 * @param made of connections that are made in a second
 */
record LimitSettings(Limits open, Limits made) {
    static final String QUOTA = "connection_creation_rate";

    /**
     * What holds with a configuration and quotas. As in Kafka, a listener without a limit of its own has the broker's.
     *
     * @param hosts gives the address of a name; null if it has none, or none is known yet: it has no limit then
     */
    static LimitSettings of(
            DynamicConfig config,
            ClientQuotas quotas,
            Collection<String> listeners,
            Function<String, @Nullable InetAddress> hosts) {
        Map<ByteBuffer, Integer> open = new HashMap<>();
        ConnectionKeys.overrides(config.string(ConnectionKeys.OVERRIDES))
                .forEach((host, most) -> put(open, hosts.apply(host), most));
        Map<ByteBuffer, Integer> made = new HashMap<>();
        int madeOfAddress = Limits.NONE;
        for (Map.Entry<QuotaEntity, Map<String, Double>> quota : quotas.all().entrySet()) {
            Map<String, @Nullable String> names = quota.getKey().names();
            Double rate = quota.getValue().get(QUOTA);
            if (rate == null || !names.containsKey(QuotaEntity.IP)) {
                continue;
            }
            String host = names.get(QuotaEntity.IP);
            if (host == null) {
                madeOfAddress = rate.intValue();
            } else {
                put(made, hosts.apply(host), rate.intValue());
            }
        }
        return new LimitSettings(
                new Limits(
                        number(config, ConnectionKeys.MOST),
                        ofListeners(config, listeners, ConnectionKeys.MOST),
                        number(config, ConnectionKeys.OF_ADDRESS),
                        open),
                new Limits(
                        number(config, ConnectionKeys.RATE),
                        ofListeners(config, listeners, ConnectionKeys.RATE),
                        madeOfAddress,
                        made));
    }

    private static void put(Map<ByteBuffer, Integer> limits, @Nullable InetAddress address, int limit) {
        if (address != null) {
            limits.put(OpenConnections.key(address), limit);
        }
    }

    private static int number(DynamicConfig config, String key) {
        return Integer.parseInt(config.string(key));
    }

    private static Map<String, Integer> ofListeners(DynamicConfig config, Collection<String> listeners, String key) {
        Map<String, Integer> limits = new HashMap<>();
        for (String listener : listeners) {
            String own = ConnectionKeys.ofListener(listener, key);
            limits.put(listener, number(config, config.string(own).isEmpty() ? key : own));
        }
        return limits;
    }
}
