/** Who clients are: key material of TLS, and names of principals. Knows no network. */
@NullMarked
package io.gregor.broker.security;

import org.jspecify.annotations.NullMarked;
