/** Handlers of the APIs of groups and their offsets. */
@NullMarked
package io.gregor.broker.api.group;

import org.jspecify.annotations.NullMarked;
