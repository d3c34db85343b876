package io.gregor.broker.cluster;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.controller.MutationQuota;
import io.gregor.controller.SupportedFeature;
import io.gregor.controller.operation.AllocateProducerIds;
import io.gregor.controller.operation.AlterClientQuotas;
import io.gregor.controller.operation.AlterConfigs;
import io.gregor.controller.operation.AlterScramCredentials;
import io.gregor.controller.operation.CreateAcls;
import io.gregor.controller.operation.CreatePartitions;
import io.gregor.controller.operation.CreateTopics;
import io.gregor.controller.operation.DeleteAcls;
import io.gregor.controller.operation.DeleteTopics;
import io.gregor.controller.operation.IncrementalAlterConfigs;
import io.gregor.controller.operation.NodeSettings;
import io.gregor.controller.operation.Operations;
import io.gregor.controller.operation.ReassignPartitions;
import io.gregor.controller.operation.UnregisterBroker;
import io.gregor.controller.operation.UpdateFeatures;
import io.gregor.wire.message.AllocateProducerIdsRequest;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.AlterConfigsRequest;
import io.gregor.wire.message.AlterPartitionReassignmentsRequest;
import io.gregor.wire.message.AlterUserScramCredentialsRequest;
import io.gregor.wire.message.CreateAclsRequest;
import io.gregor.wire.message.CreatePartitionsRequest;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.DeleteAclsRequest;
import io.gregor.wire.message.DeleteTopicsRequest;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import io.gregor.wire.message.UnregisterBrokerRequest;
import io.gregor.wire.message.UpdateFeaturesRequest;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/** All that the controller of this node decides on, set up as the configuration says. */
public final class ControllerOperations {
    private ControllerOperations() {}

    /** @param allCordoned whether no log directory takes new partitions */
    public static Operations of(
            BrokerConfig config, MutationQuota.Source quotas, BooleanSupplier allCordoned, RandomGenerator random) {
        int nodeId = config.nodeId();
        NodeSettings node = new NodeSettings(
                nodeId,
                config.integer("num.partitions"),
                (short) config.integer("default.replication.factor"),
                allCordoned);
        BrokerConfigRules rules = new BrokerConfigRules(config);
        List<SupportedFeature> features = Features.supported(config);
        return new Operations()
                .with(CreateTopicsRequest.class, new CreateTopics(node, new BrokerTopicConfigs(config), quotas, random))
                .with(CreatePartitionsRequest.class, new CreatePartitions(node, quotas))
                .with(DeleteTopicsRequest.class, new DeleteTopics(quotas, config.isOn("delete.topic.enable")))
                .with(AlterConfigsRequest.class, new AlterConfigs(rules))
                .with(IncrementalAlterConfigsRequest.class, new IncrementalAlterConfigs(rules))
                .with(AlterClientQuotasRequest.class, new AlterClientQuotas())
                .with(AlterUserScramCredentialsRequest.class, new AlterScramCredentials())
                .with(CreateAclsRequest.class, new CreateAcls(random))
                .with(DeleteAclsRequest.class, new DeleteAcls())
                .with(
                        UpdateFeaturesRequest.class,
                        new UpdateFeatures(features, nodeId, config.string("min.insync.replicas")))
                .with(UnregisterBrokerRequest.class, new UnregisterBroker(nodeId))
                .with(AlterPartitionReassignmentsRequest.class, new ReassignPartitions(nodeId))
                .with(AllocateProducerIdsRequest.class, new AllocateProducerIds());
    }
}
