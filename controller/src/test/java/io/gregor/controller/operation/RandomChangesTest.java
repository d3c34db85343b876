package io.gregor.controller.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.controller.ConfigResource;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.ImageChange;
import io.gregor.controller.ImageRecords;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MetadataRecords;
import io.gregor.controller.MutationQuota;
import io.gregor.controller.TopicImage;
import io.gregor.wire.Message;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.AlterConfigsRequest;
import io.gregor.wire.message.CreatePartitionsRequest;
import io.gregor.wire.message.CreatePartitionsRequest.CreatePartitionsTopic;
import io.gregor.wire.message.CreatePartitionsResponse;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopic;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopicConfig;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.CreateTopicsResponse.CreatableTopicResult;
import io.gregor.wire.message.DeleteTopicsRequest;
import io.gregor.wire.message.DeleteTopicsResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random requests, one after another, each decided on the image that those before it have made. */
class RandomChangesTest {
    private static final int REQUESTS = 300;
    private static final ControllerContext CONTEXT = new ControllerContext((short) 7, "client");
    private static final NodeSettings NODE = new NodeSettings(1, 2, (short) 1, () -> false);
    private static final List<String> NAMES = List.of("a", "b", "c.d", "c_d", "e", "no such name!");

    private MetadataImage image = MetadataImage.EMPTY;
    private Random random = new Random();

    static List<Long> seeds() {
        List<Long> seeds = new ArrayList<>(List.of(1L, 2L, 3L, 4L, 5L));
        seeds.add(System.nanoTime());
        return seeds;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theResponseIsWhatTheRecordsDo(long seed) {
        random = new Random(seed);
        for (int i = 0; i < REQUESTS; i++) {
            switch (random.nextInt(6)) {
                case 0 -> create();
                case 1 -> grow();
                case 2 -> delete();
                case 3 -> configure(IncrementalAlterConfigsRequest.class);
                case 4 -> configure(AlterConfigsRequest.class);
                default -> quota();
            }
            assertTheImageIsSound();
        }
        assertASnapshotIsTheSame();
    }

    private String name() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private void create() {
        List<CreatableTopic> topics = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            topics.add(new CreatableTopic()
                    .name(name())
                    .numPartitions(random.nextInt(5) - 1)
                    .replicationFactor((short) (random.nextInt(4) - 1))
                    .configs(List.of(
                            new CreatableTopicConfig().name("k").value(random.nextInt(5) == 0 ? "bad" : "good"))));
        }
        CreateTopicsRequest request = new CreateTopicsRequest().topics(topics).validateOnly(random.nextInt(4) == 0);
        MetadataImage before = image;
        CreateTopicsResponse response =
                apply(new CreateTopics(NODE, new AnyConfigs(), MutationQuota.Source.UNLIMITED, random), request);
        for (CreatableTopicResult result : response.topics()) {
            boolean created = result.errorCode() == ErrorCode.NONE.code();
            boolean isNew = before.topic(result.name()) == null && image.topic(result.name()) != null;
            assertThat(isNew).isEqualTo(created && !request.validateOnly());
            if (isNew) {
                TopicImage topic = Objects.requireNonNull(image.topic(result.name()));
                assertThat(topic.id()).isEqualTo(result.topicId());
                assertThat(topic.partitions()).hasSize(result.numPartitions());
                assertThat(image.configOf(ConfigResource.topic(result.name()))).containsEntry("k", "good");
            }
        }
    }

    private void grow() {
        CreatePartitionsRequest request = new CreatePartitionsRequest()
                .topics(List.of(new CreatePartitionsTopic()
                        .name(name())
                        .count(random.nextInt(12))
                        .assignments(null)))
                .validateOnly(random.nextInt(4) == 0);
        CreatePartitionsTopic wanted = request.topics().get(0);
        CreatePartitionsResponse response = apply(new CreatePartitions(NODE, MutationQuota.Source.UNLIMITED), request);
        if (response.results().get(0).errorCode() == ErrorCode.NONE.code() && !request.validateOnly()) {
            assertThat(Objects.requireNonNull(image.topic(wanted.name())).partitions())
                    .hasSize(wanted.count());
        }
    }

    private void delete() {
        String name = name();
        DeleteTopicsRequest request =
                new DeleteTopicsRequest().topics(List.of(new DeleteTopicsRequest.DeleteTopicState().name(name)));
        boolean there = image.topic(name) != null;
        DeleteTopicsResponse response = apply(new DeleteTopics(MutationQuota.Source.UNLIMITED, true), request);
        ErrorCode expected = there ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        assertThat(response.responses().get(0).errorCode()).isEqualTo(expected.code());
        assertThat(image.topicsByName()).doesNotContainKey(name);
    }

    private void configure(Class<? extends Message> kind) {
        byte type = random.nextBoolean() ? ConfigResource.TOPIC : ConfigResource.GROUP;
        String name = name();
        String key = random.nextBoolean() ? "k" : "cleanup.policy";
        String value = List.of("x", "y", "bad").get(random.nextInt(3));
        if (kind == AlterConfigsRequest.class) {
            var config = new AlterConfigsRequest.AlterableConfig().name(key).value(value);
            var resource = new AlterConfigsRequest.AlterConfigsResource()
                    .resourceType(type)
                    .resourceName(name)
                    .configs(List.of(config));
            var response =
                    apply(new AlterConfigs(new AnyConfigs()), new AlterConfigsRequest().resources(List.of(resource)));
            if (response.responses().get(0).errorCode() == ErrorCode.NONE.code()) {
                assertThat(image.configOf(new ConfigResource(type, name)))
                        .containsOnlyKeys(key)
                        .containsEntry(key, value);
            }
        } else {
            var config = new IncrementalAlterConfigsRequest.AlterableConfig()
                    .name(key)
                    .configOperation((byte) random.nextInt(5))
                    .value(value);
            var resource = new IncrementalAlterConfigsRequest.AlterConfigsResource()
                    .resourceType(type)
                    .resourceName(name)
                    .configs(List.of(config));
            MetadataImage before = image;
            var response = apply(
                    new IncrementalAlterConfigs(new AnyConfigs()),
                    new IncrementalAlterConfigsRequest().resources(List.of(resource)));
            if (response.responses().get(0).errorCode() != ErrorCode.NONE.code()) {
                assertThat(image).isEqualTo(before);
            }
        }
    }

    private void quota() {
        var part = new AlterClientQuotasRequest.EntityData()
                .entityType(random.nextBoolean() ? "user" : "client-id")
                .entityName(random.nextInt(4) == 0 ? null : name());
        var change = new AlterClientQuotasRequest.OpData()
                .key("consumer_byte_rate")
                .value(random.nextInt(4))
                .remove(random.nextInt(3) == 0);
        var entry =
                new AlterClientQuotasRequest.EntryData().entity(List.of(part)).ops(List.of(change));
        apply(new AlterClientQuotas(), new AlterClientQuotasRequest().entries(List.of(entry)));
        assertThat(image.quotas().all().values()).allMatch(values -> !values.isEmpty());
    }

    private <Q extends Message, R extends Message> R apply(Operation<Q, R> operation, Q request) {
        MetadataImage before = image;
        ControllerResult<R> result = operation.decide(before, request, CONTEXT);
        image = ImageChange.apply(before, result.records());
        List<ByteBuffer> stored =
                result.records().stream().map(MetadataRecords::encode).toList();
        assertThat(ImageChange.applyStored(before, stored)).isEqualTo(image);
        return result.response();
    }

    private void assertTheImageIsSound() {
        assertThat(image.topicsById()).hasSameSizeAs(image.topicsByName());
        image.topicsByName().forEach((name, topic) -> {
            assertThat(topic.name()).isEqualTo(name);
            assertThat(image.topic(topic.id())).isSameAs(topic);
            for (int i = 0; i < topic.partitions().size(); i++) {
                assertThat(topic.partitions().get(i).index()).isEqualTo(i);
            }
        });
        assertThat(image.configs().values()).allMatch(values -> !values.isEmpty());
    }

    private void assertASnapshotIsTheSame() {
        assertThat(ImageChange.applyStored(
                        MetadataImage.EMPTY, ImageRecords.of(image).toList()))
                .isEqualTo(image);
    }
}
