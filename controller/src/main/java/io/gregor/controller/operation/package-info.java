/** What a controller decides: one class a request, each a pure function of an image and a request. */
@NullMarked
package io.gregor.controller.operation;

import org.jspecify.annotations.NullMarked;
