/** Conversion of groups from one protocol to the other, and members of the classic protocol in consumer groups. */
@NullMarked
package io.gregor.coordinator.group.migration;

import org.jspecify.annotations.NullMarked;
