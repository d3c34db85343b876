/** Log directories: which partition lies where, moving between them, maintenance, the lock and the identity of each. */
@NullMarked
package io.gregor.broker.storage;

import org.jspecify.annotations.NullMarked;
