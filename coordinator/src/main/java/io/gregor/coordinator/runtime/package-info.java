/** What every coordinator's shard is made of and runs on: records, the journal, timers and background work. */
@NullMarked
package io.gregor.coordinator.runtime;

import org.jspecify.annotations.NullMarked;
