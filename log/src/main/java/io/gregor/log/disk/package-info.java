/** Access to a log directory: the port to its file system, small files that are replaced whole, and their names. */
@NullMarked
package io.gregor.log.disk;

import org.jspecify.annotations.NullMarked;
