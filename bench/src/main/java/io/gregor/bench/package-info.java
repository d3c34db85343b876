/** Gregor and Apache Kafka side by side. */
@NullMarked
package io.gregor.bench;

import org.jspecify.annotations.NullMarked;
