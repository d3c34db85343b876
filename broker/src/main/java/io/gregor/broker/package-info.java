/** The broker: composes the log, the coordinators and the controller behind a Netty server. */
@NullMarked
package io.gregor.broker;

import org.jspecify.annotations.NullMarked;
