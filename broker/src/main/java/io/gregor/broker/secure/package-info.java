/**
 * What {@code gregor start --secure} makes: an authority with certificates, a password, what clients need of both, and
 * the settings that go with them. Loaded only for it.
 */
@NullMarked
package io.gregor.broker.secure;

import org.jspecify.annotations.NullMarked;
