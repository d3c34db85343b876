package io.gregor.broker.access;

/** Who a client has shown to be. Immutable. */
public record Principal(String type, String name) {
    private static final String USER = "User";

    /** Of a client that has not shown who it is. */
    public static final Principal ANONYMOUS = user("ANONYMOUS");

    public static Principal user(String name) {
        return new Principal(USER, name);
    }

    /** As Kafka writes it. */
    @Override
    public String toString() {
        return type + ":" + name;
    }
}
