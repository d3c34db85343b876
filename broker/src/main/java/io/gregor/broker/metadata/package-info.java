/** Stores and publishes the cluster's metadata. */
@NullMarked
package io.gregor.broker.metadata;

import org.jspecify.annotations.NullMarked;
