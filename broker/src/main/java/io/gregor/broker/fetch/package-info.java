/** The reading side of Fetch: which records an answer gets, and which partitions a session has seen. */
@NullMarked
package io.gregor.broker.fetch;

import org.jspecify.annotations.NullMarked;
