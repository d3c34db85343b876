package io.gregor.broker.access;

/** Who a client has shown to be. Immutable. */
public record Principal(String type, String name) {
    /** Of every client, as long as no listener authenticates. */
    public static final Principal ANONYMOUS = new Principal("User", "ANONYMOUS");

    /** As Kafka writes it. */
    @Override
    public String toString() {
        return type + ":" + name;
    }
}
