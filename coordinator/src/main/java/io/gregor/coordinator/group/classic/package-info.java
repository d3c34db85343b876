/** Classic groups: members join and sync, and one of them, the leader, assigns. */
@NullMarked
package io.gregor.coordinator.group.classic;

import org.jspecify.annotations.NullMarked;
