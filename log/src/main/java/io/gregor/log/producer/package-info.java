/** What a partition remembers of idempotent and transactional producers, and the snapshots of it. */
@NullMarked
package io.gregor.log.producer;

import org.jspecify.annotations.NullMarked;
