/** What all types of groups have in common: the groups of a shard by id, and what offsets ask of them. */
@NullMarked
package io.gregor.coordinator.group;

import org.jspecify.annotations.NullMarked;
