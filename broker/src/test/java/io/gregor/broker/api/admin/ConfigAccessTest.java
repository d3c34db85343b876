package io.gregor.broker.api.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.access.DeniedAccess;
import io.gregor.broker.cluster.Controller;
import io.gregor.broker.cluster.OneReply;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.net.LocalPeer;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.ConfigResource;
import io.gregor.controller.ControllerContext;
import io.gregor.wire.Message;
import io.gregor.wire.message.AlterConfigsRequest;
import io.gregor.wire.message.AlterConfigsResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterConfigsResource;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterableConfig;
import io.gregor.wire.message.IncrementalAlterConfigsResponse;
import io.gregor.wire.message.IncrementalAlterConfigsResponse.AlterConfigsResourceResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What is wrong with a change of configurations is told first, as by Apache Kafka; then whether it is allowed. */
class ConfigAccessTest {
    private Message submitted = new AlterConfigsRequest();

    /** What the controller says of changes that it only checks. */
    private Message whenChecked = new IncrementalAlterConfigsResponse();

    /** Takes note of what reaches it to be done, and answers nothing of it. */
    private final Controller controller = new Controller() {
        @Override
        @SuppressWarnings("unchecked")
        public <R extends Message> CompletionStage<R> submit(Message request, ControllerContext context) {
            Message response = request instanceof AlterConfigsRequest alter
                    ? answer(alter, alter.validateOnly(), new AlterConfigsResponse())
                    : answer(
                            request,
                            ((IncrementalAlterConfigsRequest) request).validateOnly(),
                            new IncrementalAlterConfigsResponse());
            return CompletableFuture.completedFuture((R) response);
        }
    };

    private Message answer(Message request, boolean isChecked, Message nothing) {
        if (isChecked) {
            return whenChecked;
        }
        submitted = request;
        return nothing;
    }

    private static RequestContext context() {
        DeniedAccess denied = new DeniedAccess("ALTER_CONFIGS TOPIC secret", "ALTER_CONFIGS CLUSTER kafka-cluster");
        return new LocalPeer("PLAINTEXT").asks((short) 1, 0, "client", new ManualLane(), denied);
    }

    private IncrementalAlterConfigsResponse alter(AlterConfigsResource... resources) {
        OneReply<IncrementalAlterConfigsResponse> reply = new OneReply<>();
        new IncrementalAlterConfigsHandler(controller, 1)
                .handle(context(), new IncrementalAlterConfigsRequest().resources(List.of(resources)), reply);
        return reply.sent();
    }

    private static AlterConfigsResource resource(byte type, String name, AlterableConfig... configs) {
        return new AlterConfigsResource().resourceType(type).resourceName(name).configs(List.of(configs));
    }

    @Test
    void aKeyWithoutAValueOrThereTwiceIsForTheControllerToRefuse() {
        AlterableConfig good = new AlterableConfig().name("flush.ms").value("1");
        AlterableConfig bad = new AlterableConfig().name("flush.ms").value(null);
        for (List<AlterableConfig> configs : List.of(List.of(bad), List.of(good, good))) {
            AlterConfigsResource resource =
                    resource(ConfigResource.TOPIC, "secret").configs(configs);
            assertThat(alter(resource).responses()).isEmpty();
            assertThat(((IncrementalAlterConfigsRequest) submitted).resources()).containsExactly(resource);
        }
        assertThat(alter(resource(ConfigResource.TOPIC, "secret", good)).responses())
                .extracting(AlterConfigsResourceResponse::errorCode)
                .containsExactly(ErrorCode.TOPIC_AUTHORIZATION_FAILED.code());
    }

    @Test
    void theSameOfTheOlderRequest() {
        AlterConfigsRequest.AlterConfigsResource resource = new AlterConfigsRequest.AlterConfigsResource()
                .resourceType(ConfigResource.TOPIC)
                .resourceName("secret")
                .configs(List.of(new AlterConfigsRequest.AlterableConfig()
                        .name("flush.ms")
                        .value(null)));
        OneReply<AlterConfigsResponse> reply = new OneReply<>();
        new AlterConfigsHandler(controller)
                .handle(context(), new AlterConfigsRequest().resources(List.of(resource)), reply);
        assertThat(reply.sent().responses()).isEmpty();
        assertThat(((AlterConfigsRequest) submitted).resources()).containsExactly(resource);
    }

    @Test
    void ofABrokerWhatIsWrongIsToldBeforeItIsRefused() {
        whenChecked = new IncrementalAlterConfigsResponse()
                .responses(List.of(
                        new AlterConfigsResourceResponse().resourceName("1"),
                        new AlterConfigsResourceResponse()
                                .resourceName("77")
                                .errorCode(ErrorCode.INVALID_REQUEST.code())));
        AlterableConfig config = new AlterableConfig().name("num.io.threads").value("4");
        IncrementalAlterConfigsResponse response =
                alter(resource(ConfigResource.BROKER, "1", config), resource(ConfigResource.BROKER, "77", config));
        assertThat(response.responses())
                .extracting(AlterConfigsResourceResponse::errorCode)
                .containsExactly(ErrorCode.CLUSTER_AUTHORIZATION_FAILED.code(), ErrorCode.INVALID_REQUEST.code());
        assertThat(((IncrementalAlterConfigsRequest) submitted).resources()).isEmpty();
    }

    @Test
    void theSameOfTheOlderRequestForBrokers() {
        whenChecked = new AlterConfigsResponse()
                .responses(List.of(new AlterConfigsResponse.AlterConfigsResourceResponse().resourceName("1")));
        OneReply<AlterConfigsResponse> reply = new OneReply<>();
        AlterConfigsRequest.AlterConfigsResource resource = new AlterConfigsRequest.AlterConfigsResource()
                .resourceType(ConfigResource.BROKER)
                .resourceName("1");
        new AlterConfigsHandler(controller)
                .handle(context(), new AlterConfigsRequest().resources(List.of(resource)), reply);
        assertThat(reply.sent().responses())
                .extracting(AlterConfigsResponse.AlterConfigsResourceResponse::errorCode)
                .containsExactly(ErrorCode.CLUSTER_AUTHORIZATION_FAILED.code());
        assertThat(((AlterConfigsRequest) submitted).resources()).isEmpty();
    }

    /** Else a client that may not would change log levels by naming a logger's resource twice, once in a bad form. */
    @Test
    void aResourceThatIsThereTwiceIsRefusedWhateverItsForm() {
        AlterableConfig level = new AlterableConfig().name("io.gregor.nobody").value("DEBUG");
        AlterableConfig bad = new AlterableConfig().name("io.gregor.nobody").value(null);
        IncrementalAlterConfigsResponse response = alter(
                resource(ConfigResource.BROKER_LOGGER, "1", level), resource(ConfigResource.BROKER_LOGGER, "1", bad));
        assertThat(response.responses())
                .hasSize(2)
                .allMatch(one -> one.errorCode() == ErrorCode.INVALID_REQUEST.code());
    }
}
