package io.gregor.broker.access;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

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
        public boolean wouldAllow(Caller caller, AclOperation operation, ResourceType type, String name) {
            return true;
        }

        @Override
        public boolean allowsOnAny(Caller caller, AclOperation operation, ResourceType type) {
            return true;
        }

        @Override
        public Predicate<String> allowing(Caller caller, AclOperation operation, ResourceType type) {
            return name -> true;
        }

        @Override
        public int allowedOperations(Caller caller, ResourceType type, String name) {
            return type.allOperations();
        }
    };

    /** Whether the caller may do that; a refusal is logged. */
    boolean allows(Caller caller, AclOperation operation, ResourceType type, String name);

    /** As {@link #allows}, where a refusal is no attempt at what is forbidden, and is not logged. */
    boolean wouldAllow(Caller caller, AclOperation operation, ResourceType type, String name);

    /** Tells of names what {@link #allows} says; asks, and logs, once for each. Confined to one thread at a time. */
    default Predicate<String> allowing(Caller caller, AclOperation operation, ResourceType type) {
        Map<String, Boolean> known = new HashMap<>();
        return name -> known.computeIfAbsent(name, asked -> allows(caller, operation, type, asked));
    }

    /** Whether there may be some resource of that type on which the caller may do that. */
    boolean allowsOnAny(Caller caller, AclOperation operation, ResourceType type);

    /** All that the caller may do with that resource, a bit for each code, as answers show it. */
    default int allowedOperations(Caller caller, ResourceType type, String name) {
        int bits = 0;
        for (AclOperation operation : type.operations()) {
            if (wouldAllow(caller, operation, type, name)) {
                bits |= operation.bit();
            }
        }
        return bits;
    }
}
