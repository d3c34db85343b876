/** Apache Kafka's configuration keys, and what they are set to. */
@NullMarked
package io.gregor.broker.config;

import org.jspecify.annotations.NullMarked;
