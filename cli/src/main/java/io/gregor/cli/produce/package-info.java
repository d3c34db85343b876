/** The command that writes records. */
@NullMarked
package io.gregor.cli.produce;

import org.jspecify.annotations.NullMarked;
