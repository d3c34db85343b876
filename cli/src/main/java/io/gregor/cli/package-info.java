/** The commands of the launcher: main, the tree of commands, and how errors are said. */
@NullMarked
package io.gregor.cli;

import org.jspecify.annotations.NullMarked;
