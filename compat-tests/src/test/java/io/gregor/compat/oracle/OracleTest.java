package io.gregor.compat.oracle;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same requests to Apache Kafka and to Gregor: the answers must be the same, field by field. */
@Tag("once")
class OracleTest {
    private static final List<Integer> SEEDS = Seeds.of("oracle.seeds", 20, 1);

    /**
     * Changes what later requests see, depends on waiting, or tells what a broker has that the other has not. The two
     * before the last are for brokers only: Kafka never answers some of them. They are compared in
     * {@link TransactionOracleTest}. At some requests of the last Apache Kafka's process ends, which is its only voter:
     * nothing could be compared any more.
     */
    private static final Set<ApiKeys> LEFT_OUT = Set.of(
            ApiKeys.JOIN_GROUP,
            ApiKeys.SYNC_GROUP,
            ApiKeys.INIT_PRODUCER_ID,
            ApiKeys.API_VERSIONS,
            ApiKeys.PRODUCE,
            ApiKeys.WRITE_TXN_MARKERS,
            ApiKeys.ADD_RAFT_VOTER);

    private static final List<ApiKeys> CHANGES = List.of(
            ApiKeys.ALTER_CONFIGS,
            ApiKeys.INCREMENTAL_ALTER_CONFIGS,
            ApiKeys.DELETE_RECORDS,
            ApiKeys.CREATE_TOPICS,
            ApiKeys.CREATE_PARTITIONS,
            ApiKeys.DELETE_TOPICS,
            ApiKeys.ALTER_CLIENT_QUOTAS,
            // Finds what was altered.
            ApiKeys.DESCRIBE_CLIENT_QUOTAS,
            ApiKeys.ALTER_USER_SCRAM_CREDENTIALS,
            ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS,
            ApiKeys.REMOVE_RAFT_VOTER);

    @Test
    void answersAreThoseOfApacheKafka(@TempDir Path folder) throws Exception {
        try (KafkaProcess kafka = KafkaProcess.start(folder);
                GregorProcess gregor =
                        GregorProcess.start(folder, "auto.create.topics.enable=false", "log.retention.ms=-1")) {
            OracleSide ours = OracleSide.of(gregor.port());
            OracleComparison comparison =
                    new OracleComparison(kafka, OracleSide.of(kafka.port()), ours, UnaryOperator.identity());
            List<ApiVersion> apis = new ArrayList<>(ours.advertised());
            // What changes topics comes last.
            apis.sort(Comparator.comparingInt(api -> CHANGES.indexOf(ApiKeys.forId(api.apiKey()))));
            for (ApiVersion api : apis) {
                ApiKeys key = ApiKeys.forId(api.apiKey());
                for (short version = api.minVersion(); version <= api.maxVersion(); version++) {
                    for (int each : LEFT_OUT.contains(key) ? List.<Integer>of() : SEEDS) {
                        comparison.ask(key, version, key.id * 1_000_000L + version * 10_000L + each, "");
                    }
                }
            }
            comparison.assertNoDifference(SEEDS.size() * 100);
        }
    }
}
