package io.gregor.controller.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.SupportedFeature;
import io.gregor.wire.ApiError;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.AllocateProducerIdsRequest;
import io.gregor.wire.message.AllocateProducerIdsResponse;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.AlterClientQuotasResponse;
import io.gregor.wire.message.AlterUserScramCredentialsRequest;
import io.gregor.wire.message.AlterUserScramCredentialsRequest.ScramCredentialDeletion;
import io.gregor.wire.message.AlterUserScramCredentialsRequest.ScramCredentialUpsertion;
import io.gregor.wire.message.AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FeatureLevelRecord;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.RegisterBrokerRecord;
import io.gregor.wire.message.TopicRecord;
import io.gregor.wire.message.UnregisterBrokerRequest;
import io.gregor.wire.message.UpdateFeaturesRequest;
import io.gregor.wire.message.UpdateFeaturesRequest.FeatureUpdateKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Operations by example: an image in, records out, the image after them. */
class OperationsTest {
    private static final ControllerContext CONTEXT = new ControllerContext((short) 1, "client");
    private static final MetadataImage FORMATTED = ImageChange.apply(
            MetadataImage.EMPTY,
            List.of(new FeatureLevelRecord()
                    .name(SupportedFeature.METADATA_VERSION)
                    .featureLevel((short) 30)));

    @Test
    void producerIdsAreGivenInBlocksThatNeverOverlap() {
        MetadataImage image = MetadataImage.EMPTY;
        for (long first : List.of(0L, 1000L, 2000L)) {
            AllocateProducerIdsRequest request = new AllocateProducerIdsRequest().brokerId(1);
            ControllerResult<AllocateProducerIdsResponse> result =
                    new AllocateProducerIds().decide(image, request, CONTEXT);
            assertThat(result.response().producerIdStart()).isEqualTo(first);
            assertThat(result.response().producerIdLen()).isEqualTo(AllocateProducerIds.BLOCK);
            image = ImageChange.apply(image, result.records());
        }
        assertThat(image.nextProducerId()).isEqualTo(3000);
    }

    @Test
    void aQuotaIsSetChangedAndRemoved() {
        MetadataImage set = alter(MetadataImage.EMPTY, quota("client-id", "a", 10, false));
        assertThat(set.quotas().all().values()).containsExactly(Map.of("producer_byte_rate", 10.0));
        assertThat(new AlterClientQuotas()
                        .decide(set, quota("client-id", "a", 10, false), CONTEXT)
                        .records())
                .isEmpty();
        assertThat(alter(set, quota("client-id", "a", 0, true)).quotas().all()).isEmpty();
    }

    @Test
    void whetherAHostIsKnownWasLookedUpBefore() {
        AlterClientQuotasRequest request = quota("ip", "nowhere.invalid", 10, false);
        request.entries().get(0).ops().get(0).key("connection_creation_rate");
        AlterClientQuotas operation = new AlterClientQuotas();
        assertThat(operation.hosts(request)).containsExactly("nowhere.invalid");
        assertThat(operation.decide(MetadataImage.EMPTY, request, CONTEXT).records())
                .hasSize(1);
        ControllerResult<AlterClientQuotasResponse> refused =
                operation.decide(MetadataImage.EMPTY, request, CONTEXT.withUnknownHosts(Set.of("nowhere.invalid")));
        assertThat(refused.records()).isEmpty();
        assertThat(refused.response().entries().get(0).errorMessage())
                .isEqualTo("nowhere.invalid is not a valid IP or resolvable host.");
    }

    @Test
    void moreQuotasThanCanBeStoredAreNotAllLookedAt() {
        List<AlterClientQuotasRequest.EntryData> entries = new ArrayList<>();
        for (int i = 0; i < 2 * Operation.RECORDS_MAX; i++) {
            entries.addAll(quota("client-id", "c" + i, 10, false).entries());
        }
        AlterClientQuotasRequest request = new AlterClientQuotasRequest().entries(entries);
        ControllerResult<AlterClientQuotasResponse> result =
                new AlterClientQuotas().decide(MetadataImage.EMPTY, request, CONTEXT);
        assertThat(result.records()).hasSize(Operation.RECORDS_MAX + 1);
        ApiError error = ApiError.of(ErrorCode.POLICY_VIOLATION);
        assertThat(new AlterClientQuotas().refused(request, error).entries())
                .hasSize(entries.size())
                .allMatch(entry -> entry.errorCode() == ErrorCode.POLICY_VIOLATION.code());
    }

    @Test
    void aCredentialIsSetAndRemoved() {
        AlterUserScramCredentialsRequest set = new AlterUserScramCredentialsRequest()
                .upsertions(List.of(new ScramCredentialUpsertion()
                        .name("alice")
                        .mechanism((byte) 1)
                        .iterations(4096)
                        .salt(new byte[] {1})
                        .saltedPassword(new byte[] {2})));
        ControllerResult<?> result = new AlterScramCredentials().decide(FORMATTED, set, CONTEXT);
        MetadataImage image = ImageChange.apply(FORMATTED, result.records());
        assertThat(image.scram()).containsOnlyKeys("alice");
        AlterUserScramCredentialsRequest removal = new AlterUserScramCredentialsRequest()
                .deletions(List.of(
                        new ScramCredentialDeletion().name("alice").mechanism((byte) 1),
                        new ScramCredentialDeletion().name("bob").mechanism((byte) 1)));
        var removed = new AlterScramCredentials().decide(image, removal, CONTEXT);
        assertThat(ImageChange.apply(image, removed.records()).scram()).isEmpty();
        assertThat(removed.response().results())
                .extracting(AlterUserScramCredentialsResult::errorCode)
                .containsExactly(ErrorCode.NONE.code(), ErrorCode.RESOURCE_NOT_FOUND.code());
    }

    @Test
    void featuresAreUpdatedAllOrNone() {
        List<SupportedFeature> supported = List.of(
                new SupportedFeature("metadata.version", (short) 7, (short) 30),
                new SupportedFeature("group.version", (short) 0, (short) 1));
        UpdateFeatures operation = new UpdateFeatures(supported, 1, "1");
        FeatureUpdateKey good = new FeatureUpdateKey()
                .feature("group.version")
                .maxVersionLevel((short) 1)
                .upgradeType((byte) 1);
        FeatureUpdateKey bad = new FeatureUpdateKey()
                .feature("group.version2")
                .maxVersionLevel((short) 1)
                .upgradeType((byte) 1);
        var both = operation.decide(FORMATTED, new UpdateFeaturesRequest().featureUpdates(List.of(good, bad)), CONTEXT);
        assertThat(both.records()).isEmpty();
        assertThat(both.response().errorCode()).isEqualTo(ErrorCode.INVALID_UPDATE_VERSION.code());
        var one = operation.decide(FORMATTED, new UpdateFeaturesRequest().featureUpdates(List.of(good)), CONTEXT);
        assertThat(ImageChange.apply(FORMATTED, one.records()).features()).containsEntry("group.version", (short) 1);
    }

    /** The metadata version counts as it is asked for. */
    @Test
    void aFeatureNeedsItsMetadataVersion() {
        List<SupportedFeature> supported = List.of(
                new SupportedFeature("metadata.version", (short) 7, (short) 30),
                new SupportedFeature("group.version", (short) 0, (short) 1),
                new SupportedFeature("eligible.leader.replicas.version", (short) 0, (short) 1));
        UpdateFeatures operation = new UpdateFeatures(supported, 1, "1");
        UpdateFeaturesRequest both = new UpdateFeaturesRequest()
                .featureUpdates(List.of(update("metadata.version", (short) 6), update("group.version", (short) 1)));
        assertThat(operation.decide(FORMATTED, both, CONTEXT).response().errorMessage())
                .endsWith("group.version could not be set to 1 because it depends on metadata.version=7 (3.3-IV3)");

        MetadataImage old = ImageChange.apply(
                FORMATTED,
                List.of(new FeatureLevelRecord().name("metadata.version").featureLevel((short) 22)));
        UpdateFeaturesRequest replicas = new UpdateFeaturesRequest()
                .featureUpdates(List.of(update("eligible.leader.replicas.version", (short) 1)));
        assertThat(operation.decide(old, replicas, CONTEXT).response().errorMessage())
                .endsWith("could not be set to 1 because it depends on metadata.version level 23");
    }

    private static FeatureUpdateKey update(String feature, short level) {
        return new FeatureUpdateKey().feature(feature).maxVersionLevel(level).upgradeType((byte) 1);
    }

    @Test
    void aRegistrationThatWasLeftIsForgotten() {
        ImageChange change = new ImageChange(MetadataImage.EMPTY);
        MessageSink stored = new MessageSink(64);
        stored.unsignedVarint(1);
        stored.unsignedVarint(RegisterBrokerRecord.API_KEY);
        stored.unsignedVarint(0);
        new RegisterBrokerRecord().brokerId(7).brokerEpoch(3).write(stored, (short) 0);
        change.applyStored(stored.toBuffer());
        MetadataImage image = change.image();
        var unknown = new UnregisterBroker(1).decide(image, new UnregisterBrokerRequest().brokerId(8), CONTEXT);
        assertThat(unknown.response().errorCode()).isEqualTo(ErrorCode.BROKER_ID_NOT_REGISTERED.code());
        var known = new UnregisterBroker(1).decide(image, new UnregisterBrokerRequest().brokerId(7), CONTEXT);
        assertThat(ImageChange.apply(image, known.records())).isEqualTo(MetadataImage.EMPTY);
        var self = new UnregisterBroker(7).decide(image, new UnregisterBrokerRequest().brokerId(7), CONTEXT);
        assertThat(self.records()).isEmpty();
    }

    @Test
    void aBrokerLeadsWhatItAloneHolds() {
        Uuid id = new Uuid(1, 1);
        List<Message> records = List.of(
                new TopicRecord().name("t").topicId(id),
                partition(id, 0, List.of(1), -1),
                partition(id, 1, List.of(1, 2), 2),
                partition(id, 2, List.of(1), 1));
        MetadataImage image = ImageChange.apply(MetadataImage.EMPTY, records);
        MetadataImage after = ImageChange.apply(image, SoleReplicaElection.decide(image, 1));
        assertThat(Objects.requireNonNull(after.topic("t")).partitions())
                .extracting(partition -> List.of(partition.leader(), partition.leaderEpoch()))
                .containsExactly(List.of(1, 1), List.of(2, 0), List.of(1, 0));
        assertThat(SoleReplicaElection.decide(after, 1)).isEmpty();
    }

    private static PartitionRecord partition(Uuid topic, int index, List<Integer> replicas, int leader) {
        return new PartitionRecord()
                .topicId(topic)
                .partitionId(index)
                .replicas(replicas)
                .leader(leader)
                .leaderEpoch(0)
                .partitionEpoch(0);
    }

    private static MetadataImage alter(MetadataImage image, AlterClientQuotasRequest request) {
        return ImageChange.apply(
                image, new AlterClientQuotas().decide(image, request, CONTEXT).records());
    }

    private static AlterClientQuotasRequest quota(String type, String name, double value, boolean remove) {
        return new AlterClientQuotasRequest()
                .entries(List.of(new AlterClientQuotasRequest.EntryData()
                        .entity(List.of(new AlterClientQuotasRequest.EntityData()
                                .entityType(type)
                                .entityName(name)))
                        .ops(List.of(new AlterClientQuotasRequest.OpData()
                                .key("producer_byte_rate")
                                .value(value)
                                .remove(remove)))));
    }
}
