/** What {@code gregor start --seed} puts into a broker before its clients come. Loaded only where it is asked for. */
@NullMarked
package io.gregor.broker.seed;

import org.jspecify.annotations.NullMarked;
