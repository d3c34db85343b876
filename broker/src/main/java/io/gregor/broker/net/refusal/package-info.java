/** What the log says of clients that a listener cannot serve. */
@NullMarked
package io.gregor.broker.net.refusal;

import org.jspecify.annotations.NullMarked;
