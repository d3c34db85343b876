package io.gregor.controller;

import io.gregor.wire.Message;
import java.util.List;

/**
 * What an operation came to: the records that make it so, and what the client is told once they are stored.
 */
public record Decision<R>(List<Message> records, R response) {}
