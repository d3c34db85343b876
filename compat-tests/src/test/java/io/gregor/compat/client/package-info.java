/** Clients, tools and frameworks of Apache Kafka against the packaged broker. */
package io.gregor.compat.client;
