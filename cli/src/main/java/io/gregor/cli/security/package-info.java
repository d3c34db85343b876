/** How the client makes a connection safe and says who it is, by the keys of Apache Kafka's clients. */
@NullMarked
package io.gregor.cli.security;

import org.jspecify.annotations.NullMarked;
