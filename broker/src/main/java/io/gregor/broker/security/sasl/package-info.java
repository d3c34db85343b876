/** How clients authenticate: SASL as states and their transitions. Knows no network. */
@NullMarked
package io.gregor.broker.security.sasl;

import org.jspecify.annotations.NullMarked;
