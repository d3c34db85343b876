/** What all commands share: options, the console, tables. */
@NullMarked
package io.gregor.cli.command;

import org.jspecify.annotations.NullMarked;
