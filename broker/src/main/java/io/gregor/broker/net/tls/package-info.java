/** Encrypted connections. Loaded only where a listener has TLS. */
@NullMarked
package io.gregor.broker.net.tls;

import org.jspecify.annotations.NullMarked;
