/** Lanes, where tasks that share state run one after another; background threads, timers, and asynchronous steps. */
@NullMarked
package io.gregor.broker.lane;

import org.jspecify.annotations.NullMarked;
