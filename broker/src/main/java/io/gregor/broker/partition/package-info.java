/** Partitions, the lanes that own them, and who waits on them. */
@NullMarked
package io.gregor.broker.partition;

import org.jspecify.annotations.NullMarked;
