package io.gregor.broker.access;

import io.gregor.controller.AclCodes;

/** What can be done with a resource, with Kafka's codes. */
public enum AclOperation {
    READ(3),
    WRITE(4),
    CREATE(5),
    DELETE(6),
    ALTER(7),
    DESCRIBE(8),
    CLUSTER_ACTION(9),
    DESCRIBE_CONFIGS(10),
    ALTER_CONFIGS(11),
    IDEMPOTENT_WRITE(12),
    TWO_PHASE_COMMIT(15);

    private final int code;

    AclOperation(int code) {
        this.code = code;
    }

    /** Its bit in the fields of answers that list what a client may do. */
    int bit() {
        return 1 << code;
    }

    /** Whether an ACL about the operation with that code is about this one. */
    boolean isMeantBy(byte other) {
        return other == code || other == AclCodes.ALL;
    }

    /** Whether who is allowed the operation with that code is allowed this one. */
    boolean isImpliedBy(byte other) {
        if (isMeantBy(other)) {
            return true;
        }
        return switch (this) {
            case DESCRIBE -> other == READ.code || other == WRITE.code || other == DELETE.code || other == ALTER.code;
            case DESCRIBE_CONFIGS -> other == ALTER_CONFIGS.code;
            default -> false;
        };
    }
}
