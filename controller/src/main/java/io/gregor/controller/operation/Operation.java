package io.gregor.controller.operation;

import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.ApiError;
import io.gregor.wire.Message;
import java.util.Set;

/**
 * What the controller does with one kind of request. Pure: it changes nothing, what it decides is in its result.
 *
 * @param <Q> the request
 * @param <R> its response
 */
public interface Operation<Q extends Message, R extends Message> {
    /** The most records that one request may lead to, as in Kafka; where there are more, none is stored. */
    int RECORDS_MAX = 10_000;

    ControllerResult<R> decide(MetadataImage image, Q request, ControllerContext context);

    /** The response to a request of which nothing is done. */
    R refused(Q request, ApiError error);

    /** Names of hosts that have to be looked up before {@link #decide}, which may take long. */
    default Set<String> hosts(Q request) {
        return Set.of();
    }
}
