package io.gregor.controller.operation;

import io.gregor.wire.Message;
import java.util.HashMap;
import java.util.Map;

/** The operations of a controller, by the kind of request. Filled at the start, then read only. */
public final class Operations {
    private final Map<Class<? extends Message>, Operation<?, ?>> byRequest = new HashMap<>();

    public <Q extends Message> Operations with(Class<Q> request, Operation<Q, ?> operation) {
        byRequest.put(request, operation);
        return this;
    }

    /** @throws IllegalArgumentException if controllers do not decide on such requests */
    @SuppressWarnings("unchecked") // Only with() fills the map.
    public <R extends Message> Operation<Message, R> of(Message request) {
        Operation<?, ?> operation = byRequest.get(request.getClass());
        if (operation == null) {
            throw new IllegalArgumentException(
                    "no operation for " + request.getClass().getSimpleName());
        }
        return (Operation<Message, R>) operation;
    }
}
