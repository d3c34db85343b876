/** Handlers of the APIs through which clients push their metrics (KIP-714). */
@NullMarked
package io.gregor.broker.api.telemetry;

import org.jspecify.annotations.NullMarked;
