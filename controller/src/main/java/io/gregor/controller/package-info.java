/** The cluster's metadata: an immutable image, the records that change it, and the operations that yield records. */
@NullMarked
package io.gregor.controller;

import org.jspecify.annotations.NullMarked;
