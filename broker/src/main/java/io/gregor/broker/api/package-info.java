/** One class an API. The directory is the list of what is supported. */
@NullMarked
package io.gregor.broker.api;

import org.jspecify.annotations.NullMarked;
