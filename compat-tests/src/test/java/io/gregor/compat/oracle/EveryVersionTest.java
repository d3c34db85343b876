package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every version that is advertised is answered, whatever the request holds. */
@Tag("once")
class EveryVersionTest {
    private static final String TOPIC = "oracle";

    @Test
    void everyAdvertisedVersionIsAnswered(@TempDir Path folder) throws Exception {
        try (GregorProcess broker = GregorProcess.start(folder)) {
            Uuid topicId = createTopic(broker);
            List<String> answered = new ArrayList<>();
            for (ApiVersion api : advertised(broker)) {
                ApiKeys key = ApiKeys.forId(api.apiKey());
                // Produce is advertised from version 0 on for the sake of librdkafka, and answered from 3 on, as by
                // Kafka.
                int lowest = key == ApiKeys.PRODUCE ? 3 : api.minVersion();
                for (short version = (short) lowest; version <= api.maxVersion(); version++) {
                    for (int seed = 0; seed < 5; seed++) {
                        ApiMessage request = new OracleRequests(version * 10L + seed, name -> topicId)
                                .fill(ApiMessageType.fromApiKey(key.id).newRequest(), version);
                        ApiMessage response = call(broker, key, version, request);
                        answered.add(key + " " + version + " " + response);
                    }
                }
            }
            assertThat(answered).hasSizeGreaterThan(600);
            assertThat(broker.output()).doesNotContain("failed");
        }
    }

    private static Uuid createTopic(GregorProcess broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
            return admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1)))
                    .topicId(TOPIC)
                    .get();
        }
    }

    private static List<ApiVersion> advertised(GregorProcess broker) throws Exception {
        ApiMessage request = ApiMessageType.API_VERSIONS.newRequest();
        return List.copyOf(
                ((ApiVersionsResponseData) call(broker, ApiKeys.API_VERSIONS, (short) 0, request)).apiKeys());
    }

    private static ApiMessage call(GregorProcess broker, ApiKeys key, short version, ApiMessage request)
            throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            return client.call(key, version, request);
        } catch (IOException e) {
            throw new AssertionError(key + " version " + version + ": no answer to " + request, e);
        }
    }
}
