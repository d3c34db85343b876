package io.gregor.controller;

import io.gregor.wire.Message;
import java.util.List;

/**
 * What the controller has decided on a request. Immutable.
 *
 * @param records make it so once they are committed; none if nothing changes
 * @param response for the client, to be sent when the records are committed
 */
public record ControllerResult<R>(List<? extends Message> records, R response) {}
