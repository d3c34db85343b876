/** How many connections there may be, and how many may be made in a second (KIP-402, KIP-612). */
@NullMarked
package io.gregor.broker.net.limit;

import org.jspecify.annotations.NullMarked;
