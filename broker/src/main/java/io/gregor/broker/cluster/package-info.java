/** The cluster's metadata: the controller's log, the image that is published, the node's own identity in it. */
@NullMarked
package io.gregor.broker.cluster;

import org.jspecify.annotations.NullMarked;
