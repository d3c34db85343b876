/** The commands about topics. */
@NullMarked
package io.gregor.cli.topic;

import org.jspecify.annotations.NullMarked;
