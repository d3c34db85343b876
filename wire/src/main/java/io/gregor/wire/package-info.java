/** The protocol's primitives. The messages made of them are generated into {@code io.gregor.wire.message}. */
@NullMarked
package io.gregor.wire;

import org.jspecify.annotations.NullMarked;
