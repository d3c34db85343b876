/** Sessions of clients that were recorded with Apache Kafka, and are replayed to Gregor. */
package io.gregor.compat.session;
