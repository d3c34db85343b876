/** Build time only: reads the message schemas and definitions inside Apache Kafka's jars and writes Java from them. */
@NullMarked
package io.gregor.wiregen;

import org.jspecify.annotations.NullMarked;
