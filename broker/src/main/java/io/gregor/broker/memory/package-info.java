/** How the memory of this process is shared between its purposes. */
@NullMarked
package io.gregor.broker.memory;

import org.jspecify.annotations.NullMarked;
