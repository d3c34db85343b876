package io.gregor.broker.seed;

import io.gregor.broker.security.sasl.ScramHash;
import io.gregor.broker.seed.Seed.Acl;
import io.gregor.broker.seed.Seed.Quota;
import io.gregor.broker.seed.Seed.User;
import io.gregor.controller.AclCodes;
import io.gregor.controller.QuotaEntity;
import io.gregor.wire.message.AlterClientQuotasRequest.EntityData;
import io.gregor.wire.message.AlterClientQuotasRequest.EntryData;
import io.gregor.wire.message.AlterClientQuotasRequest.OpData;
import io.gregor.wire.message.CreateAclsRequest.AclCreation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads who may log in, who may do what, and how much, of a seed. Pure. */
final class AccessSection {
    private static final List<String> MECHANISMS = List.of("SCRAM-SHA-256", "SCRAM-SHA-512");
    private static final Map<String, Byte> RESOURCES =
            codes("topic", 2, "group", 3, "cluster", 4, "transactional-id", 5);
    private static final Map<String, Byte> PATTERNS = codes("literal", 3, "prefixed", 4);
    private static final Map<String, Byte> PERMISSIONS = codes("deny", 2, "allow", 3);
    private static final Map<String, Byte> OPERATIONS = operations();

    private AccessSection() {}

    private static Map<String, Byte> operations() {
        Map<String, Byte> codes = codes("all", 2, "read", 3, "write", 4, "create", 5, "delete", 6, "alter", 7);
        codes.putAll(codes("describe", 8, "cluster-action", 9, "describe-configs", 10, "alter-configs", 11));
        codes.putAll(codes("idempotent-write", 12, "two-phase-commit", 15));
        return codes;
    }

    private static Map<String, Byte> codes(Object... pairs) {
        Map<String, Byte> codes = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            codes.put((String) pairs[i], ((Integer) pairs[i + 1]).byteValue());
        }
        return codes;
    }

    static List<User> users(List<YamlNode> nodes) {
        List<User> users = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (YamlNode node : nodes) {
            Map<String, YamlNode> values = node.map(List.of("name", "password", "mechanisms", "iterations"));
            YamlNode name = node.required(values, "name");
            if (!names.add(name.text())) {
                throw name.refused("user " + name.text() + " is there twice");
            }
            String password = node.required(values, "password").text();
            YamlNode iterations = YamlNode.optional(values, "iterations");
            int count = iterations == null
                    ? ScramHash.ITERATIONS_MIN
                    : (int) iterations.number(ScramHash.ITERATIONS_MIN, ScramHash.ITERATIONS_MAX);
            List<ScramHash> mechanisms = mechanisms(YamlNode.optional(values, "mechanisms"));
            users.add(new User(node, name.text(), password, count, mechanisms));
        }
        return users;
    }

    private static List<ScramHash> mechanisms(@Nullable YamlNode node) {
        if (node == null) {
            return List.of(ScramHash.values());
        }
        List<ScramHash> mechanisms = new ArrayList<>();
        for (YamlNode name : node.list()) {
            mechanisms.add(ScramHash.of(name.text())
                    .orElseThrow(() -> name.refused(name.text() + ": allowed are " + String.join(", ", MECHANISMS))));
        }
        return mechanisms;
    }

    static List<Acl> acls(List<YamlNode> nodes) {
        List<Acl> acls = new ArrayList<>();
        for (YamlNode node : nodes) {
            Map<String, YamlNode> values =
                    node.map(List.of("principal", "resource", "name", "pattern", "operations", "host", "permission"));
            YamlNode principal = node.required(values, "principal");
            if (principal.text().indexOf(':') <= 0) {
                throw principal.refused(principal.text() + ": allowed is a principal such as User:alice");
            }
            byte resource = code(node.required(values, "resource"), RESOURCES);
            YamlNode name = YamlNode.optional(values, "name");
            if (name == null && resource != AclCodes.CLUSTER) {
                throw node.refused("name is missing; * is all of them");
            }
            if (name != null && resource == AclCodes.CLUSTER && !name.text().equals(AclCodes.CLUSTER_NAME)) {
                throw name.refused(name.text() + ": the cluster is called " + AclCodes.CLUSTER_NAME);
            }
            YamlNode host = YamlNode.optional(values, "host");
            for (YamlNode operation : node.required(values, "operations").list()) {
                acls.add(new Acl(
                        node,
                        new AclCreation()
                                .resourceType(resource)
                                .resourceName(name == null ? AclCodes.CLUSTER_NAME : name.text())
                                .resourcePatternType(code(YamlNode.optional(values, "pattern"), "literal", PATTERNS))
                                .principal(principal.text())
                                .host(host == null ? AclCodes.WILDCARD : host.text())
                                .operation(code(operation, OPERATIONS))
                                .permissionType(code(YamlNode.optional(values, "permission"), "allow", PERMISSIONS))));
            }
        }
        return acls;
    }

    private static byte code(@Nullable YamlNode node, String otherwise, Map<String, Byte> codes) {
        return node == null ? codes.getOrDefault(otherwise, AclCodes.UNKNOWN) : code(node, codes);
    }

    /** Written in any case, and with dashes, underscores or nothing between words. */
    private static byte code(YamlNode node, Map<String, Byte> codes) {
        for (Map.Entry<String, Byte> entry : codes.entrySet()) {
            if (bare(entry.getKey()).equals(bare(node.text()))) {
                return entry.getValue();
            }
        }
        throw node.refused(node.text() + ": allowed are " + String.join(", ", codes.keySet()));
    }

    private static String bare(String word) {
        return word.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }

    static List<Quota> quotas(List<YamlNode> nodes) {
        List<Quota> quotas = new ArrayList<>();
        for (YamlNode node : nodes) {
            Map<String, YamlNode> values = node.map(List.of("user", "client-id", "ip", "limits"));
            List<EntityData> entity = new ArrayList<>();
            for (String type : List.of(QuotaEntity.USER, QuotaEntity.CLIENT_ID, QuotaEntity.IP)) {
                if (values.containsKey(type)) {
                    YamlNode name = values.get(type);
                    entity.add(new EntityData()
                            .entityType(type)
                            .entityName(name == null || name.isNull() ? null : name.text()));
                }
            }
            if (entity.isEmpty()) {
                throw node.refused("allowed is a quota of a user, a client-id, both, or an ip; null: of all others");
            }
            List<OpData> changes = new ArrayList<>();
            node.required(values, "limits")
                    .map()
                    .forEach((key, limit) -> changes.add(new OpData().key(key).value(positive(limit))));
            quotas.add(new Quota(node, new EntryData().entity(entity).ops(changes)));
        }
        return quotas;
    }

    private static double positive(YamlNode node) {
        try {
            double value = Double.parseDouble(node.text());
            if (value > 0 && value < Double.POSITIVE_INFINITY) {
                return value;
            }
        } catch (NumberFormatException e) {
            // As for one that is not positive.
        }
        throw node.refused(node.text() + ": allowed is a number above 0");
    }
}
