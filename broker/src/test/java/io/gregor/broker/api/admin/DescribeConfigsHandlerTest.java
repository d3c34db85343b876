package io.gregor.broker.api.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.access.Access;
import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.cluster.OneReply;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.net.LocalPeer;
import io.gregor.controller.ConfigResource;
import io.gregor.wire.message.DescribeConfigsRequest;
import io.gregor.wire.message.DescribeConfigsRequest.DescribeConfigsResource;
import io.gregor.wire.message.DescribeConfigsResponse;
import io.gregor.wire.message.DescribeConfigsResponse.DescribeConfigsResourceResult;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DescribeConfigsHandlerTest {
    private final DescribeConfigsHandler handler = new DescribeConfigsHandler(
            BrokerConfig.of(Map.of("node.id", "1", "own.key", "x", "log.retention.ms", "5")), new ClusterMetadata());

    private List<String> names(byte type, String resource, List<String> keys) {
        DescribeConfigsRequest request = new DescribeConfigsRequest()
                .resources(List.of(new DescribeConfigsResource()
                        .resourceType(type)
                        .resourceName(resource)
                        .configurationKeys(keys)));
        OneReply<DescribeConfigsResponse> reply = new OneReply<>();
        handler.handle(
                new LocalPeer("PLAINTEXT").asks((short) 4, 0, "client", new ManualLane(), Access.UNRESTRICTED),
                request,
                reply);
        return reply.sent().results().get(0).configs().stream()
                .map(DescribeConfigsResourceResult::name)
                .toList();
    }

    @Test
    void keysThatAreNamedComeOnceAndInOrder() {
        assertThat(names(
                        ConfigResource.BROKER,
                        "1",
                        List.of("own.key", "log.retention.ms", "unknown", "log.dirs", "log.retention.ms")))
                .containsExactly("log.dirs", "log.retention.ms", "own.key");
        assertThat(names(ConfigResource.GROUP, "g", List.of("unknown"))).isEmpty();
        assertThat(names(ConfigResource.GROUP, "g", List.of()))
                .contains("consumer.session.timeout.ms")
                .isSorted();
    }
}
