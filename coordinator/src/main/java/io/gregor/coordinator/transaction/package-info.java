/** Transactions as state machines: no I/O, no threads. One class an operation. */
@NullMarked
package io.gregor.coordinator.transaction;

import org.jspecify.annotations.NullMarked;
