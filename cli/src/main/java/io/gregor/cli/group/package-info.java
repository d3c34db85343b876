/** The commands about groups. */
@NullMarked
package io.gregor.cli.group;

import org.jspecify.annotations.NullMarked;
