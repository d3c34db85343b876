/** One handler for each API, in a package for each family. The directory is the list of supported APIs. */
@NullMarked
package io.gregor.broker.api;

import org.jspecify.annotations.NullMarked;
