/** The commands that say how a cluster is, and what is wrong with it. */
@NullMarked
package io.gregor.cli.doctor;

import org.jspecify.annotations.NullMarked;
