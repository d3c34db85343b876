/** The coordinator of groups: a shard that composes the types of groups and offsets, and routes requests to them. */
@NullMarked
package io.gregor.coordinator.group.shard;

import org.jspecify.annotations.NullMarked;
