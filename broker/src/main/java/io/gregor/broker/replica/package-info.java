/** Partitions that this broker leads, and how a request finds them. */
@NullMarked
package io.gregor.broker.replica;

import org.jspecify.annotations.NullMarked;
