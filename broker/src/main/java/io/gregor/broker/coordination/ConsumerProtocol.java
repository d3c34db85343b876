package io.gregor.broker.coordination;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.controller.SupportedFeature;
import java.util.List;

/**
 * Whether there are consumer groups (KIP-848): if {@code group.version} is at least 1, and
 * {@code group.coordinator.rebalance.protocols} names their protocol.
 */
public final class ConsumerProtocol {
    private final ClusterMetadata metadata;
    private final boolean named;

    public ConsumerProtocol(BrokerConfig config, ClusterMetadata metadata) {
        this.metadata = metadata;
        String protocols = config.string("group.coordinator.rebalance.protocols");
        named = List.of(protocols.split("\\s*,\\s*", -1)).contains("consumer");
    }

    public boolean isOn() {
        return named && metadata.image().features().getOrDefault(SupportedFeature.GROUP_VERSION, (short) 0) > 0;
    }
}
