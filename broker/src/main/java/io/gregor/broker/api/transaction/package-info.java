/** Handlers of the APIs of transactions and idempotent producers. */
@NullMarked
package io.gregor.broker.api.transaction;

import org.jspecify.annotations.NullMarked;
