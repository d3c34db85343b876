package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.Ports;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same requests to Apache Kafka and to Gregor from somebody who may do this and that, by access control lists from
 * a seed: each request is served, cut down or refused in the same way, field by field.
 */
@Tag("once")
class AccessOracleTest {
    private static final List<Integer> WORLDS = Seeds.of("oracle.accesses", 6, 1);
    private static final int ACLS_MAX = 12;

    /** As in {@link OracleTest}; and what changes the lists, or makes later answers differ by ids of topics. */
    private static final Set<ApiKeys> LEFT_OUT = Set.of(
            ApiKeys.API_VERSIONS,
            ApiKeys.WRITE_TXN_MARKERS,
            ApiKeys.ADD_RAFT_VOTER,
            ApiKeys.REMOVE_RAFT_VOTER,
            ApiKeys.DELETE_TOPICS,
            ApiKeys.CREATE_PARTITIONS,
            ApiKeys.CREATE_ACLS,
            ApiKeys.DELETE_ACLS,
            ApiKeys.UPDATE_FEATURES);

    /** What changes the topic comes behind what looks at it. */
    private static final List<ApiKeys> CHANGES = List.of(
            ApiKeys.ALTER_CONFIGS,
            ApiKeys.INCREMENTAL_ALTER_CONFIGS,
            ApiKeys.DELETE_RECORDS,
            ApiKeys.CREATE_TOPICS,
            ApiKeys.ALTER_CLIENT_QUOTAS,
            ApiKeys.ALTER_USER_SCRAM_CREDENTIALS);

    /** Apache Kafka's controller tells the whole request, with what its connections are called. */
    private static final Pattern REFUSAL = Pattern.compile(
            "errorMessage=(Request Request\\(.*?needs [A-Z_]+ permission|Cluster authorization failed)\\.");

    private static final Pattern NEW_ID = Pattern.compile("(producerId|memberId)=[^,)]+");

    private static final List<AclOperation> OPERATIONS = Stream.of(AclOperation.values())
            .filter(operation -> operation != AclOperation.UNKNOWN && operation != AclOperation.ANY)
            .toList();

    private static final Map<ResourceType, List<String>> NAMES = Map.of(
            ResourceType.TOPIC, List.of("*", "oracle", "oracle", "unknown", "fresh", "or", "__consumer_offsets"),
            ResourceType.GROUP, List.of("*", "committed", "committed", "unknown", "comm"),
            ResourceType.TRANSACTIONAL_ID, List.of("*", "transactional", "transactional", "trans", "x"),
            ResourceType.CLUSTER, List.of("kafka-cluster"));

    private static final List<ResourceType> TYPES = List.of(
            ResourceType.TOPIC,
            ResourceType.TOPIC,
            ResourceType.TOPIC,
            ResourceType.GROUP,
            ResourceType.GROUP,
            ResourceType.TRANSACTIONAL_ID,
            ResourceType.CLUSTER);

    private static final String JAAS = "org.apache.kafka.common.security.plain.PlainLoginModule required"
            + " username=\"admin\" password=\"secret\" user_admin=\"secret\";";

    /** Who asks is nobody on the plain listener; who makes the lists is a super user on the other. */
    private static String[] settings(int plain, int secure, int controller) {
        return new String[] {
            "listeners=PLAINTEXT://localhost:%d,SECURE://localhost:%d,CONTROLLER://localhost:%d"
                    .formatted(plain, secure, controller),
            "controller.quorum.voters=1@localhost:" + controller,
            "listener.security.protocol.map=" + "PLAINTEXT:PLAINTEXT,SECURE:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
            "inter.broker.listener.name=SECURE",
            "sasl.enabled.mechanisms=PLAIN",
            "sasl.mechanism.inter.broker.protocol=PLAIN",
            "sasl.mechanism.controller.protocol=PLAIN",
            "listener.name.secure.plain.sasl.jaas.config=" + JAAS,
            "listener.name.controller.plain.sasl.jaas.config=" + JAAS,
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users=User:admin",
            "auto.create.topics.enable=false",
            "log.retention.ms=-1"
        };
    }

    /** A broker, and its super user. */
    private record Guarded(Admin admin, OracleSide side) {
        static Guarded of(int plain, int secure) throws Exception {
            Admin admin = Admin.create(Map.of(
                    "bootstrap.servers",
                    "localhost:" + secure,
                    "security.protocol",
                    "SASL_PLAINTEXT",
                    "sasl.mechanism",
                    "PLAIN",
                    "sasl.jaas.config",
                    JAAS));
            put(admin, everythingIsAllowed());
            return new Guarded(admin, OracleSide.of(plain));
        }

        void put(List<AclBinding> acls) throws Exception {
            put(admin, acls);
        }

        /** In the place of all others. */
        private static void put(Admin admin, List<AclBinding> acls) throws Exception {
            admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get();
            admin.createAcls(acls).all().get();
            Awaitility.await()
                    .until(() -> Set.copyOf(admin.describeAcls(AclBindingFilter.ANY)
                                    .values()
                                    .get())
                            .equals(new HashSet<>(acls)));
        }
    }

    private static List<AclBinding> everythingIsAllowed() {
        return NAMES.keySet().stream()
                .map(type -> new AclBinding(
                        new ResourcePattern(
                                type, type == ResourceType.CLUSTER ? "kafka-cluster" : "*", PatternType.LITERAL),
                        new AccessControlEntry("User:*", "*", AclOperation.ALL, AclPermissionType.ALLOW)))
                .toList();
    }

    private static <T> T pick(List<T> values, Random random) {
        return values.get(random.nextInt(values.size()));
    }

    private static List<AclBinding> acls(long seed) {
        Random random = new Random(seed);
        List<AclBinding> acls = new ArrayList<>();
        for (int i = random.nextInt(ACLS_MAX + 1); i > 0; i--) {
            ResourceType type = pick(TYPES, random);
            boolean prefixed = type != ResourceType.CLUSTER && random.nextInt(3) == 0;
            acls.add(new AclBinding(
                    new ResourcePattern(
                            type, pick(NAMES.get(type), random), prefixed ? PatternType.PREFIXED : PatternType.LITERAL),
                    new AccessControlEntry(
                            pick(List.of("User:ANONYMOUS", "User:ANONYMOUS", "User:*", "User:alice"), random),
                            pick(List.of("*", "*", "127.0.0.1", "10.0.0.1"), random),
                            pick(OPERATIONS, random),
                            random.nextInt(4) == 0 ? AclPermissionType.DENY : AclPermissionType.ALLOW)));
        }
        return acls.stream().distinct().toList();
    }

    private static String normal(String answer) {
        return NEW_ID.matcher(REFUSAL.matcher(answer).replaceAll("errorMessage=refused"))
                .replaceAll("$1");
    }

    /** Whoever may not ask for all users gets no answer from Apache Kafka, which stumbles over it. */
    private static boolean isNeverAnswered(ApiMessage request) {
        return request instanceof DescribeUserScramCredentialsRequestData users && users.users() == null;
    }

    @Test
    void whoMayDoWhatIsAsOnApacheKafka(@TempDir Path folder) throws Exception {
        int[] ports =
                Stream.generate(Ports::free).limit(6).mapToInt(port -> port).toArray();
        try (KafkaProcess kafka = KafkaProcess.start(folder, settings(ports[0], ports[1], ports[2]));
                GregorProcess gregor = GregorProcess.start(folder, settings(ports[3], ports[4], ports[5]))) {
            Guarded theirs = Guarded.of(kafka.port(), ports[1]);
            Guarded ours = Guarded.of(ports[3], ports[4]);
            OracleComparison comparison =
                    new OracleComparison(kafka, theirs.side(), ours.side(), AccessOracleTest::normal);
            List<ApiVersion> apis = new ArrayList<>(ours.side().advertised());
            apis.sort(Comparator.comparingInt(api -> CHANGES.indexOf(ApiKeys.forId(api.apiKey()))));
            for (int world : WORLDS) {
                List<AclBinding> acls = acls(world);
                theirs.put(acls);
                ours.put(acls);
                for (ApiVersion api : apis) {
                    ApiKeys key = ApiKeys.forId(api.apiKey());
                    if (!LEFT_OUT.contains(key)) {
                        short oldest = (short) Math.max(api.minVersion(), key.oldestVersion());
                        for (short version = oldest; version <= api.maxVersion(); version++) {
                            long seed = key.id * 1_000_000L + version * 10_000L + world;
                            if (!isNeverAnswered(ours.side().request(key, version, seed))) {
                                comparison.ask(key, version, seed, "with " + acls);
                            }
                        }
                    }
                }
            }
            theirs.admin().close();
            ours.admin().close();
            assertThat(gregor.output()).doesNotContain("] ERROR ");
            comparison.assertNoDifference(WORLDS.size() * 100);
        }
    }
}
