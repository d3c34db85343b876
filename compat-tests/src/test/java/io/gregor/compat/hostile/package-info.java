/** Bytes that a client of Apache Kafka would not send. */
package io.gregor.compat.hostile;
