/** Handlers of the APIs of users, access control lists, and delegation tokens. */
@NullMarked
package io.gregor.broker.api.security;

import org.jspecify.annotations.NullMarked;
