/** Connections: frames in, ordered answers out. */
@NullMarked
package io.gregor.broker.net;

import org.jspecify.annotations.NullMarked;
