/** Runs the shards of the group and transaction coordinators on the lanes of their partitions. */
@NullMarked
package io.gregor.broker.coordination;

import org.jspecify.annotations.NullMarked;
