/** How the broker shares partitions among the members of a group (KIP-848). Pure functions of what they are given. */
@NullMarked
package io.gregor.coordinator.group.consumer.assignor;

import org.jspecify.annotations.NullMarked;
