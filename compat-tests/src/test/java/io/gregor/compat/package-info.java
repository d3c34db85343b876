/** Black box: the packaged broker as a process, used by the clients and tools that people have. */
package io.gregor.compat;
