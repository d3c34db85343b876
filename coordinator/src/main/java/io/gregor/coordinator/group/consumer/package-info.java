/** Consumer groups (KIP-848): members send heartbeats, and the coordinator assigns. */
@NullMarked
package io.gregor.coordinator.group.consumer;

import org.jspecify.annotations.NullMarked;
