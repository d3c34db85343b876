/** The files of one segment: record batches, read only forward, and the indexes that are hints to them. */
@NullMarked
package io.gregor.log.segment;

import org.jspecify.annotations.NullMarked;
