/** The command that reads records, alone or as a member of a group. */
@NullMarked
package io.gregor.cli.consume;

import org.jspecify.annotations.NullMarked;
