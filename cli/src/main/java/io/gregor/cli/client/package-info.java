/** A small blocking client of Kafka's protocol: connections, retries, metadata, offsets. */
@NullMarked
package io.gregor.cli.client;

import org.jspecify.annotations.NullMarked;
