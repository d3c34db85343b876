/** Compaction: what is worth compacting, the copy of it, and how that takes the old segments' place. */
@NullMarked
package io.gregor.log.compaction;

import org.jspecify.annotations.NullMarked;
