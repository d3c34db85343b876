/** Handlers of the APIs that create, delete, and configure topics and other resources. */
@NullMarked
package io.gregor.broker.api.admin;

import org.jspecify.annotations.NullMarked;
