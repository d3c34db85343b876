/** For our own tests. */
@NullMarked
package io.gregor.testsupport;

import org.jspecify.annotations.NullMarked;
