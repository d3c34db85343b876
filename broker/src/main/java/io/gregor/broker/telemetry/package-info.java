/** What clients push of their own metrics (KIP-714): who may push what, and the page that shows it. */
@NullMarked
package io.gregor.broker.telemetry;

import org.jspecify.annotations.NullMarked;
