/** Record batches of format v2: views in place, iteration, building, compression. */
@NullMarked
package io.gregor.wire.record;

import org.jspecify.annotations.NullMarked;
