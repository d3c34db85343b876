/** Log directories: kills, full disks, several folders, folders that change hands. */
package io.gregor.compat.disk;
