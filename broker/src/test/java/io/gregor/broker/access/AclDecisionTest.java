package io.gregor.broker.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.config.AuthorizerConfig;
import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.AccessControlEntryRecord;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.junit.jupiter.api.Test;

/** The same ACLs and the same questions to Apache Kafka's StandardAuthorizer: the decisions are the same. */
class AclDecisionTest {
    private static final int SEEDS = Integer.getInteger("acls.seeds", 200);
    private static final int FIRST = Integer.getInteger("seeds.from", 0);
    private static final int QUESTIONS = 100;
    private static final List<String> NAMES =
            List.of("*", "a", "ab", "abc", "abd", "b", "b.", "b.c", "hardcode", "kafka-cluster", "zz");
    private static final List<String> PRINCIPALS = List.of("User:alice", "User:bob", "Group:alice", "User:*");
    private static final List<String> HOSTS = List.of("127.0.0.1", "10.0.0.1", "*");

    /** Who asks Apache Kafka's authorizer. */
    private record Asker(Caller caller) implements AuthorizableRequestContext {
        @Override
        public String listenerName() {
            return caller.listener();
        }

        @Override
        public SecurityProtocol securityProtocol() {
            return SecurityProtocol.PLAINTEXT;
        }

        @Override
        public KafkaPrincipal principal() {
            return new KafkaPrincipal(
                    caller.principal().type(), caller.principal().name());
        }

        @Override
        public InetAddress clientAddress() {
            return caller.address().getAddress();
        }

        @Override
        public int requestType() {
            return 0;
        }

        @Override
        public int requestVersion() {
            return 0;
        }

        @Override
        public String clientId() {
            return "";
        }

        @Override
        public int correlationId() {
            return 0;
        }
    }

    private final Map<org.apache.kafka.common.Uuid, StandardAcl> theirs = new HashMap<>();
    private final List<AccessControlEntryRecord> ours = new ArrayList<>();

    private static <T> T pick(Random random, List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private void addRule(Random random, int number) {
        ResourceType type = pick(random, List.of(ResourceType.values()));
        boolean prefixed = random.nextInt(3) == 0;
        AccessControlEntryRecord rule = new AccessControlEntryRecord()
                .id(new Uuid(1, number))
                .resourceType(type.code())
                .resourceName(pick(random, NAMES))
                .patternType((prefixed ? PatternType.PREFIXED : PatternType.LITERAL).code())
                .principal(pick(random, PRINCIPALS))
                .host(pick(random, HOSTS))
                .operation((byte) (2 + random.nextInt(11)))
                .permissionType((random.nextInt(3) == 0 ? AclPermissionType.DENY : AclPermissionType.ALLOW).code());
        ours.add(rule);
        theirs.put(
                new org.apache.kafka.common.Uuid(1, number),
                new StandardAcl(
                        org.apache.kafka.common.resource.ResourceType.fromCode(type.code()),
                        rule.resourceName(),
                        PatternType.fromCode(rule.patternType()),
                        rule.principal(),
                        rule.host(),
                        org.apache.kafka.common.acl.AclOperation.fromCode(rule.operation()),
                        AclPermissionType.fromCode(rule.permissionType())));
    }

    private static Caller caller(Random random) throws Exception {
        String[] principal = pick(random, PRINCIPALS.subList(0, 3)).split(":", 2);
        InetAddress address = InetAddress.getByName(pick(random, HOSTS.subList(0, 2)));
        return new Caller(new Principal(principal[0], principal[1]), new InetSocketAddress(address, 9), "PLAINTEXT");
    }

    @Test
    void decisionsAreThoseOfApacheKafka() throws Exception {
        List<String> different = new ArrayList<>();
        for (int seed = FIRST; seed < FIRST + SEEDS; seed++) {
            Random random = new Random(seed);
            theirs.clear();
            ours.clear();
            int rules = random.nextInt(25);
            for (int i = 0; i < rules; i++) {
                addRule(random, i + 1);
            }
            boolean allowsIfNone = random.nextBoolean();
            try (Metrics metrics = new Metrics();
                    StandardAuthorizer kafka = new StandardAuthorizer()) {
                kafka.withPluginMetrics(new PluginMetricsImpl(metrics, Map.of()));
                kafka.configure(Map.of(
                        "super.users", "User:root;Group:alice", "allow.everyone.if.no.acl.found", allowsIfNone + ""));
                kafka.loadSnapshot(theirs);
                kafka.completeInitialLoad();
                AclAuthorizer gregor =
                        new AclAuthorizer(new AuthorizerConfig(Set.of("User:root", "Group:alice"), allowsIfNone));
                gregor.load(ImageChange.apply(MetadataImage.EMPTY, ours));
                for (int i = 0; i < QUESTIONS; i++) {
                    compare(kafka, gregor, random, "seed " + seed + " question " + i, different);
                }
            }
        }
        assertThat(different).isEmpty();
    }

    private static void compare(
            StandardAuthorizer kafka, AclAuthorizer gregor, Random random, String question, List<String> different)
            throws Exception {
        Caller caller = caller(random);
        AclOperation operation = pick(random, List.of(AclOperation.values()));
        ResourceType type = pick(random, List.of(ResourceType.values()));
        String name = pick(random, NAMES.subList(1, NAMES.size()));
        org.apache.kafka.common.acl.AclOperation theirOperation =
                org.apache.kafka.common.acl.AclOperation.valueOf(operation.name());
        org.apache.kafka.common.resource.ResourceType theirType =
                org.apache.kafka.common.resource.ResourceType.fromCode(type.code());
        Action action =
                new Action(theirOperation, new ResourcePattern(theirType, name, PatternType.LITERAL), 1, false, false);
        boolean allowed = kafka.authorize(new Asker(caller), List.of(action)).get(0) == AuthorizationResult.ALLOWED;
        if (gregor.wouldAllow(caller, operation, type, name) != allowed) {
            different.add(question + ": " + operation + " " + type + " " + name + " by " + caller);
        }
        boolean onAny = kafka.authorizeByResourceType(new Asker(caller), theirOperation, theirType)
                == AuthorizationResult.ALLOWED;
        if (gregor.allowsOnAny(caller, operation, type) != onAny) {
            different.add(question + ": " + operation + " any " + type + " by " + caller);
        }
    }
}
