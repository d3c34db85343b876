/** Log lines on standard output, without anything that a start would have to wait for. */
@NullMarked
package io.gregor.broker.logging;

import org.jspecify.annotations.NullMarked;
