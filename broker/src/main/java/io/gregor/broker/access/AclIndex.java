package io.gregor.broker.access;

import io.gregor.controller.AclCodes;
import io.gregor.wire.message.AccessControlEntryRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Access control lists, by what they are about: a decision looks at those of the resource's patterns and of the
 * caller's principal only, however many there are. Immutable.
 */
final class AclIndex {
    static final AclIndex EMPTY = new AclIndex(List.of());

    /** What the ACLs say of one question. */
    enum Verdict {
        ALLOWED,
        DENIED,
        /** None of those about the resource is about the question. */
        SILENT,
        /** There are none about the resource. */
        NONE
    }

    private record Rule(boolean denies, byte operation, String host) {
        boolean isOf(Caller caller) {
            return host.equals(AclCodes.WILDCARD) || host.equals(caller.host());
        }
    }

    /** The rules of one name or prefix, by principal. */
    private static final class Pattern {
        private final String name;
        private final Map<String, List<Rule>> rules = new HashMap<>();
        /** The longest other prefix that begins this one. */
        private @Nullable Pattern shorter;

        Pattern(String name) {
            this.name = name;
        }

        List<Rule> of(String principal) {
            return rules.getOrDefault(principal, List.of());
        }
    }

    private static final class OfType {
        private final Map<String, Pattern> literal = new HashMap<>();
        private final NavigableMap<String, Pattern> prefixed = new TreeMap<>();

        /** In the order of their names each comes after all that begin it. */
        void linkPrefixes() {
            Pattern last = null;
            for (Pattern pattern : prefixed.values()) {
                while (last != null && !pattern.name.startsWith(last.name)) {
                    last = last.shorter;
                }
                pattern.shorter = last;
                last = pattern;
            }
        }

        /** The longest prefix that begins the name; those that begin it follow by {@link Pattern#shorter}. */
        @Nullable
        Pattern longestPrefixOf(String name) {
            Map.Entry<String, Pattern> floor = prefixed.floorEntry(name);
            Pattern pattern = floor == null ? null : floor.getValue();
            while (pattern != null && !name.startsWith(pattern.name)) {
                pattern = pattern.shorter;
            }
            return pattern;
        }
    }

    private final Map<Byte, OfType> types = new HashMap<>();

    AclIndex(Collection<AccessControlEntryRecord> acls) {
        for (AccessControlEntryRecord acl : acls) {
            OfType type = types.computeIfAbsent(acl.resourceType(), any -> new OfType());
            Map<String, Pattern> patterns = acl.patternType() == AclCodes.PREFIXED ? type.prefixed : type.literal;
            patterns.computeIfAbsent(acl.resourceName(), Pattern::new)
                    .rules
                    .computeIfAbsent(acl.principal(), any -> new ArrayList<>(1))
                    .add(new Rule(acl.permissionType() == AclCodes.DENY, acl.operation(), acl.host()));
        }
        types.values().forEach(OfType::linkPrefixes);
    }

    /** One question, while the patterns that it concerns are gone through. */
    private static final class Question {
        private final Caller caller;
        private final String principal;
        private final AclOperation operation;
        private Verdict verdict = Verdict.NONE;

        Question(Caller caller, String principal, AclOperation operation) {
            this.caller = caller;
            this.principal = principal;
            this.operation = operation;
        }

        void ask(@Nullable Pattern pattern) {
            if (pattern == null || verdict == Verdict.DENIED) {
                return;
            }
            if (verdict == Verdict.NONE) {
                verdict = Verdict.SILENT;
            }
            ask(pattern.of(principal));
            ask(pattern.of(AclCodes.EVERYBODY));
        }

        private void ask(List<Rule> rules) {
            for (Rule rule : rules) {
                if (rule.denies()) {
                    if (operation.isMeantBy(rule.operation()) && rule.isOf(caller)) {
                        verdict = Verdict.DENIED;
                        return;
                    }
                } else if (verdict == Verdict.SILENT && operation.isImpliedBy(rule.operation()) && rule.isOf(caller)) {
                    verdict = Verdict.ALLOWED;
                }
            }
        }
    }

    /** What is denied by any rule is denied. */
    Verdict verdict(Caller caller, String principal, AclOperation operation, ResourceType type, String name) {
        OfType ofType = types.get(type.code());
        if (ofType == null) {
            return Verdict.NONE;
        }
        Question question = new Question(caller, principal, operation);
        question.ask(ofType.literal.get(name));
        if (!name.equals(AclCodes.WILDCARD)) {
            question.ask(ofType.literal.get(AclCodes.WILDCARD));
        }
        Pattern prefix = ofType.longestPrefixOf(name);
        while (prefix != null) {
            question.ask(prefix);
            prefix = prefix.shorter;
        }
        return question.verdict;
    }

    /**
     * Whether some name of that type may be allowed: one that is, and that nothing denies which is as wide. As Kafka
     * counts, only rules about the operation itself (or all of them) count.
     */
    boolean allowsOnAny(Caller caller, String principal, AclOperation operation, ResourceType type) {
        OfType ofType = types.get(type.code());
        if (ofType == null) {
            return false;
        }
        Set<String> deniedNames = names(ofType.literal, caller, principal, operation, true);
        Set<String> allowedNames = names(ofType.literal, caller, principal, operation, false);
        if (deniedNames.contains(AclCodes.WILDCARD) || allowedNames.contains(AclCodes.WILDCARD)) {
            return !deniedNames.contains(AclCodes.WILDCARD);
        }
        Set<String> deniedPrefixes = names(ofType.prefixed, caller, principal, operation, true);
        allowedNames.removeAll(deniedNames);
        allowedNames.addAll(names(ofType.prefixed, caller, principal, operation, false));
        return allowedNames.stream().anyMatch(name -> !isBegunByAny(name, deniedPrefixes));
    }

    private static Set<String> names(
            Map<String, Pattern> patterns, Caller caller, String principal, AclOperation operation, boolean denied) {
        Set<String> names = new HashSet<>();
        for (Pattern pattern : patterns.values()) {
            for (String who : List.of(principal, AclCodes.EVERYBODY)) {
                for (Rule rule : pattern.of(who)) {
                    if (rule.denies() == denied && operation.isMeantBy(rule.operation()) && rule.isOf(caller)) {
                        names.add(pattern.name);
                    }
                }
            }
        }
        return names;
    }

    private static boolean isBegunByAny(String name, Set<String> prefixes) {
        if (prefixes.isEmpty()) {
            return false;
        }
        for (int length = 1; length <= name.length(); length++) {
            if (prefixes.contains(name.substring(0, length))) {
                return true;
            }
        }
        return false;
    }
}
