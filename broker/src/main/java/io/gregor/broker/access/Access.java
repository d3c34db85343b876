package io.gregor.broker.access;

/**
 * Decides what a caller may do: asked for each request as a whole ({@link RequestAccess}), and by handlers for each
 * name in it. Called on any thread; must not block.
 */
public interface Access {
    /** Allows everything, as a broker without an authorizer does. */
    Access UNRESTRICTED = new Access() {
        @Override
        public boolean allows(Caller caller, AclOperation operation, ResourceType type, String name) {
            return true;
        }

        @Override
        public boolean allowsOnAny(Caller caller, AclOperation operation, ResourceType type) {
            return true;
        }

        @Override
        public int allowedOperations(Caller caller, ResourceType type, String name) {
            return type.allOperations();
        }
    };

    boolean allows(Caller caller, AclOperation operation, ResourceType type, String name);

    /** Whether there may be some resource of that type on which the caller may do that. */
    boolean allowsOnAny(Caller caller, AclOperation operation, ResourceType type);

    /** All that the caller may do with that resource, a bit for each code, as answers show it. */
    default int allowedOperations(Caller caller, ResourceType type, String name) {
        int bits = 0;
        for (AclOperation operation : type.operations()) {
            if (allows(caller, operation, type, name)) {
                bits |= operation.bit();
            }
        }
        return bits;
    }
}
