/** Runs the group coordinator's shards on the lanes of their partitions. */
@NullMarked
package io.gregor.broker.group;

import org.jspecify.annotations.NullMarked;
