/** Handlers of the APIs that read and write records. */
@NullMarked
package io.gregor.broker.api.records;

import org.jspecify.annotations.NullMarked;
