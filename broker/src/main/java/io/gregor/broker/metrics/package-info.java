/** What the broker counts of itself and of its clients, and the page that shows it to Prometheus. */
@NullMarked
package io.gregor.broker.metrics;

import org.jspecify.annotations.NullMarked;
