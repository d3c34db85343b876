package io.gregor.broker;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.lane.Lane;
import io.gregor.broker.net.ApiRegistry;
import java.io.IOException;

/** What is done by a broker that is whole but for its clients, by its own handlers. */
@FunctionalInterface
interface BeforeClients {
    /**
     * Called by the thread that starts the broker, whose start fails if this does.
     *
     * @param lane where handlers are called
     * @param listener the name of one of the broker's
     */
    void run(ApiRegistry apis, ClusterMetadata metadata, BrokerConfig config, Lane lane, String listener)
            throws IOException, InterruptedException;
}
