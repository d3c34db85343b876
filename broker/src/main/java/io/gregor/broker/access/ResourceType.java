package io.gregor.broker.access;

import java.util.EnumSet;
import java.util.Set;

/** What access is about, with the operations that there are for it. */
public enum ResourceType {
    TOPIC(
            AclOperation.READ,
            AclOperation.WRITE,
            AclOperation.CREATE,
            AclOperation.DESCRIBE,
            AclOperation.DELETE,
            AclOperation.ALTER,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS),
    GROUP(
            AclOperation.READ,
            AclOperation.DESCRIBE,
            AclOperation.DELETE,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS),
    CLUSTER(
            AclOperation.CREATE,
            AclOperation.CLUSTER_ACTION,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS,
            AclOperation.IDEMPOTENT_WRITE,
            AclOperation.ALTER,
            AclOperation.DESCRIBE),
    TRANSACTIONAL_ID(AclOperation.DESCRIBE, AclOperation.WRITE, AclOperation.TWO_PHASE_COMMIT);

    /** The only name of {@link #CLUSTER}. */
    public static final String CLUSTER_NAME = "kafka-cluster";

    private final int allOperations;

    ResourceType(AclOperation first, AclOperation... more) {
        int bits = first.bit();
        for (AclOperation operation : more) {
            bits |= operation.bit();
        }
        allOperations = bits;
    }

    Set<AclOperation> operations() {
        Set<AclOperation> operations = EnumSet.allOf(AclOperation.class);
        operations.removeIf(operation -> (operation.bit() & allOperations) == 0);
        return operations;
    }

    /** All of them, a bit for each code. */
    int allOperations() {
        return allOperations;
    }
}
