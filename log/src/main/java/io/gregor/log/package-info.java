/** One partition's durable log in Apache Kafka's file format, and the folder of logs. */
@NullMarked
package io.gregor.log;

import org.jspecify.annotations.NullMarked;
