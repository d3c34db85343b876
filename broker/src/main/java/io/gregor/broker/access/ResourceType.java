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

    private final Set<AclOperation> operations;
    private final int allOperations;

    ResourceType(AclOperation first, AclOperation... more) {
        operations = EnumSet.of(first, more);
        allOperations = operations.stream().mapToInt(AclOperation::bit).sum();
    }

    Set<AclOperation> operations() {
        return operations;
    }

    /** All of them, a bit for each code. */
    int allOperations() {
        return allOperations;
    }
}
