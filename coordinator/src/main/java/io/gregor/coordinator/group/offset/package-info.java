/** The offsets that groups commit: committing, fetching, deleting and expiring them, whatever type the group is. */
@NullMarked
package io.gregor.coordinator.group.offset;

import org.jspecify.annotations.NullMarked;
