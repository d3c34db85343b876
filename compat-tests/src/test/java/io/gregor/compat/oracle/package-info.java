/** The same requests to Apache Kafka and to Gregor: the answers must be the same. */
package io.gregor.compat.oracle;
