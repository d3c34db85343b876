/** Who a client is, and the one place that is asked what it may do. */
@NullMarked
package io.gregor.broker.access;

import org.jspecify.annotations.NullMarked;
