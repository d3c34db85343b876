/** Black box: the packaged broker as a process, used by the clients and tools that people have. */
@NullMarked
package io.gregor.compat;

import org.jspecify.annotations.NullMarked;
