package io.gregor.cli.client;

import java.io.IOException;

/** Something answers on that port, and it is not Kafka's protocol. Immutable. */
public final class NoKafkaException extends IOException {
    private static final long serialVersionUID = 1;

    NoKafkaException(String message) {
        super(message);
    }
}
