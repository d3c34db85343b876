package io.gregor.broker.access;

import java.util.Set;

/** Refuses what it was made with, each as "operation type name", and allows all else. Immutable. */
public final class DeniedAccess implements Access {
    private final Set<String> denied;

    public DeniedAccess(String... denied) {
        this.denied = Set.of(denied);
    }

    @Override
    public boolean allows(Caller caller, AclOperation operation, ResourceType type, String name) {
        return !denied.contains(operation + " " + type + " " + name);
    }

    @Override
    public boolean wouldAllow(Caller caller, AclOperation operation, ResourceType type, String name) {
        return allows(caller, operation, type, name);
    }

    @Override
    public boolean allowsOnAny(Caller caller, AclOperation operation, ResourceType type) {
        return allows(caller, operation, type, "*");
    }
}
