package io.gregor.controller;

import io.gregor.wire.message.AccessControlEntryRecord;
import org.jspecify.annotations.Nullable;

/**
 * Which ACLs are meant; null and {@link AclCodes#ANY} are met by all. Immutable.
 *
 * @param patternType {@link AclCodes#MATCH} for all patterns that concern the name
 */
public record AclFilter(
        byte resourceType,
        @Nullable String name,
        byte patternType,
        @Nullable String principal,
        @Nullable String host,
        byte operation,
        byte permission) {
    /** Why nothing can be meant with it, or null. */
    public @Nullable String objection() {
        if (!AclCodes.isResourceType(resourceType) || !AclCodes.isPattern(patternType)) {
            return "Unknown patternFilter.";
        }
        return AclCodes.isOperation(operation) && AclCodes.isPermission(permission) ? null : "Unknown entryFilter.";
    }

    public boolean matches(AccessControlEntryRecord acl) {
        return is(resourceType, acl.resourceType())
                && is(operation, acl.operation())
                && is(permission, acl.permissionType())
                && (principal == null || principal.equals(acl.principal()))
                && (host == null || host.equals(acl.host()))
                && matchesPattern(acl.patternType(), acl.resourceName());
    }

    private static boolean is(byte wanted, byte code) {
        return wanted == AclCodes.ANY || wanted == code;
    }

    private boolean matchesPattern(byte type, String pattern) {
        if (patternType != AclCodes.MATCH && !is(patternType, type)) {
            return false;
        }
        if (name == null) {
            return true;
        }
        if (patternType != AclCodes.MATCH) {
            return name.equals(pattern);
        }
        return type == AclCodes.PREFIXED
                ? name.startsWith(pattern)
                : name.equals(pattern) || pattern.equals(AclCodes.WILDCARD);
    }
}
