/** Which connections a listener does not take, and what the log says of clients that it cannot serve. */
@NullMarked
package io.gregor.broker.net.refusal;

import org.jspecify.annotations.NullMarked;
