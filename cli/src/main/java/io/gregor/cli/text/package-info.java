/** Text that commands read and write: JSON, times, positions, records. */
@NullMarked
package io.gregor.cli.text;

import org.jspecify.annotations.NullMarked;
