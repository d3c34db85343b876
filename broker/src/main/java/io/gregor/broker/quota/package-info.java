/** What clients may use: rates, and how long whoever exceeds them has to wait (KIP-13, KIP-124, KIP-219, KIP-599). */
@NullMarked
package io.gregor.broker.quota;

import org.jspecify.annotations.NullMarked;
