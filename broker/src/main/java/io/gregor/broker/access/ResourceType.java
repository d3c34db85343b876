package io.gregor.broker.access;

import io.gregor.controller.AclCodes;
import java.util.EnumSet;
import java.util.Set;

/** What access is about, with the operations that there are for it. */
public enum ResourceType {
    TOPIC(
            2,
            "Topic",
            AclOperation.READ,
            AclOperation.WRITE,
            AclOperation.CREATE,
            AclOperation.DESCRIBE,
            AclOperation.DELETE,
            AclOperation.ALTER,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS),
    GROUP(
            3,
            "Group",
            AclOperation.READ,
            AclOperation.DESCRIBE,
            AclOperation.DELETE,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS),
    CLUSTER(
            AclCodes.CLUSTER,
            "Cluster",
            AclOperation.CREATE,
            AclOperation.CLUSTER_ACTION,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS,
            AclOperation.IDEMPOTENT_WRITE,
            AclOperation.ALTER,
            AclOperation.DESCRIBE),
    TRANSACTIONAL_ID(5, "TransactionalId", AclOperation.DESCRIBE, AclOperation.WRITE, AclOperation.TWO_PHASE_COMMIT);

    /** The only name of {@link #CLUSTER}. */
    public static final String CLUSTER_NAME = AclCodes.CLUSTER_NAME;

    private final byte code;
    private final String title;
    private final int allOperations;

    ResourceType(int code, String title, AclOperation first, AclOperation... more) {
        this.code = (byte) code;
        this.title = title;
        int bits = first.bit();
        for (AclOperation operation : more) {
            bits |= operation.bit();
        }
        allOperations = bits;
    }

    /** Kafka's code. */
    byte code() {
        return code;
    }

    /** As Kafka's log writes it. */
    String title() {
        return title;
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
