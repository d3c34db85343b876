/** Group coordination as state machines on a lane: no I/O, no threads. What must last goes out as records. */
@NullMarked
package io.gregor.coordinator;

import org.jspecify.annotations.NullMarked;
