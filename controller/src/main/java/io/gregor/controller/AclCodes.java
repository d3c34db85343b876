package io.gregor.controller;

import org.jspecify.annotations.Nullable;

/** Kafka's codes of what ACLs are made of, as far as more than one place needs them. Pure. */
public final class AclCodes {
    public static final byte UNKNOWN = 0;
    /** Of any field in a filter: whatever it is. */
    public static final byte ANY = 1;

    public static final byte CLUSTER = 4;
    private static final byte LAST_RESOURCE_TYPE = 7;

    /** Of a pattern in a filter: all that concern the name. */
    public static final byte MATCH = 2;

    public static final byte LITERAL = 3;
    public static final byte PREFIXED = 4;

    /** Of an operation: each of them. */
    public static final byte ALL = 2;

    private static final byte LAST_OPERATION = 15;

    public static final byte DENY = 2;
    public static final byte ALLOW = 3;

    /** The name that stands for all names, and the host that stands for all hosts. */
    public static final String WILDCARD = "*";

    /** The only name that the resource of the type {@link #CLUSTER} has. */
    public static final String CLUSTER_NAME = "kafka-cluster";

    /** The principal that stands for all principals. */
    public static final String EVERYBODY = "User:*";

    private AclCodes() {}

    static boolean isResourceType(byte code) {
        return code > UNKNOWN && code <= LAST_RESOURCE_TYPE;
    }

    static boolean isPattern(byte code) {
        return code > UNKNOWN && code <= PREFIXED;
    }

    static boolean isOperation(byte code) {
        return code > UNKNOWN && code <= LAST_OPERATION;
    }

    static boolean isPermission(byte code) {
        return code > UNKNOWN && code <= ALLOW;
    }

    /** What an ACL cannot be made with, as Kafka's messages call it, or null if it can. */
    public static @Nullable String objection(byte resourceType, byte patternType, byte operation, byte permission) {
        if (resourceType == ANY || !isResourceType(resourceType)) {
            return "Invalid resourceType " + name(resourceType);
        }
        if (patternType != LITERAL && patternType != PREFIXED) {
            return "Invalid patternType " + (patternType == MATCH ? "MATCH" : name(patternType));
        }
        if (operation == ANY || !isOperation(operation)) {
            return "Invalid operation " + name(operation);
        }
        return permission == DENY || permission == ALLOW ? null : "Invalid permissionType " + name(permission);
    }

    private static String name(byte code) {
        return code == ANY ? "ANY" : "UNKNOWN";
    }
}
