package io.gregor.broker.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What Apache Kafka requires of a broker's values beyond what each of them may be, when it starts. Immutable. Rules
 * about classes are left out: none is loaded here.
 */
final class StartRules {
    private static final List<String> GROUP_TIMES =
            List.of("heartbeat.interval.ms", "session.timeout.ms", "assignment.interval.ms");
    private static final List<String> SHARE_LIMITS =
            List.of("delivery.count.limit", "partition.max.record.locks", "record.lock.duration.ms");

    private final BrokerConfig config;

    StartRules(BrokerConfig config) {
        this.config = config;
    }

    /** @throws InvalidConfigException if the broker cannot start with these values */
    void check() {
        checkIds();
        checkGroups();
        checkConnections();
        checkNames();
        atMost("replica.fetch.wait.max.ms", "replica.socket.timeout.ms");
        atMost("replica.fetch.wait.max.ms", "replica.lag.time.max.ms");
        atMost("log.cleaner.min.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms");
        for (String topic : List.of("offsets.topic", "share.coordinator.state.topic")) {
            String key = topic + ".compression.codec";
            if (config.given(key) != null && (config.integer(key) < 0 || config.integer(key) > 4)) {
                throw refused(key, "allowed is the number of a compression, from 0 to 4");
            }
        }
    }

    private void checkIds() {
        boolean both = config.given("node.id") != null && config.given("broker.id") != null;
        if (both && config.integer("node.id") != config.integer("broker.id")) {
            throw refused("broker.id", "allowed is the same value as node.id has, or none");
        }
    }

    private void checkGroups() {
        for (String kind : List.of("consumer", "share", "streams")) {
            GROUP_TIMES.forEach(key -> checkLimits("group." + kind + ".", key));
            atMost("group." + kind + ".min.session.timeout.ms", "group." + kind + ".max.session.timeout.ms");
            lessThan("group." + kind + ".heartbeat.interval.ms", "group." + kind + ".session.timeout.ms");
        }
        for (String key : SHARE_LIMITS) {
            atMost("group.share.min." + key, "group.share." + key);
            atMost("group.share." + key, "group.share.max." + key);
        }
        atMost("group.share.max.size", "group.share.max.share.sessions");
        atMost("group.streams.num.standby.replicas", "group.streams.max.standby.replicas");
        allowed("group.consumer.assignors", GroupAssignors.CONSUMER);
        allowed("group.share.assignors", GroupAssignors.SHARE);
        if (!elements("group.coordinator.rebalance.protocols").contains("classic")) {
            throw refused("group.coordinator.rebalance.protocols", "classic cannot be left out");
        }
    }

    private void checkLimits(String prefix, String key) {
        atMost(prefix + "min." + key, prefix + "max." + key);
        atMost(prefix + "min." + key, prefix + key);
        atMost(prefix + key, prefix + "max." + key);
    }

    private void checkConnections() {
        if (config.number("connections.max.idle.ms") >= 0) {
            lessThan("connection.failed.authentication.delay.ms", "connections.max.idle.ms");
        }
        if (config.number("queued.max.request.bytes") > 0) {
            atMost("socket.request.max.bytes", "queued.max.request.bytes");
        }
        String overrides = config.string(ConnectionKeys.OVERRIDES);
        if (config.integer(ConnectionKeys.OF_ADDRESS) == 0 && overrides.isEmpty()) {
            throw refused(
                    ConnectionKeys.OF_ADDRESS, "allowed is 0 only where " + ConnectionKeys.OVERRIDES + " has others");
        }
        if (!ConnectionKeys.areOverrides(overrides)) {
            throw refused(ConnectionKeys.OVERRIDES, "allowed is a list of host:number");
        }
    }

    private void checkNames() {
        List<String> early = elements("early.start.listeners");
        Set<String> names = new ListenerRules(config).names();
        for (String name : early) {
            if (!names.contains(name) && !elements("controller.listener.names").contains(name)) {
                throw refused("early.start.listeners", name + " is none of the listeners " + names);
            }
        }
    }

    private void allowed(String key, Set<String> known) {
        List<String> unknown = new ArrayList<>(elements(key));
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw refused(key, unknown.get(0) + " cannot be had, allowed are " + known);
        }
    }

    private List<String> elements(String key) {
        return ConfigDefinition.elements(config.string(key));
    }

    private void atMost(String key, String limit) {
        if (isGiven(key, limit) && config.number(key) > config.number(limit)) {
            throw unordered(key, "at most", limit);
        }
    }

    private void lessThan(String key, String limit) {
        if (isGiven(key, limit) && config.number(key) >= config.number(limit)) {
            throw unordered(key, "less than", limit);
        }
    }

    /** The defaults are as they must be. */
    private boolean isGiven(String... keys) {
        return Arrays.stream(keys).anyMatch(key -> config.given(key) != null);
    }

    private InvalidConfigException unordered(String key, String relation, String limit) {
        return new InvalidConfigException(key + "=" + config.string(key) + ": allowed is " + relation + " " + limit
                + ", which is " + config.string(limit));
    }

    private InvalidConfigException refused(String key, String reason) {
        return new InvalidConfigException(key + "=" + config.string(key) + ": " + reason);
    }
}
