package io.gregor.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/**
 * Ports for what a test starts, and starts again: below the range from which clients get theirs, or a client might have
 * the port by then, and in a range of their own for each JVM that runs tests. Thread-safe.
 */
public final class Ports {
    private static final int FIRST = 10_000;
    private static final int PORTS_OF_A_JVM = 2_500;
    private static final int JVMS_MAX = 4;
    /** Which of the JVMs that run tests this is. */
    static final int JVM = Integer.getInteger("compat.jvm", 0) % JVMS_MAX;

    private static final Random RANDOM = new Random();
    private static final Set<Integer> GIVEN = new HashSet<>();

    private Ports() {}

    /** A port that nobody has, and that this JVM has not been given before. */
    public static synchronized int free() {
        while (true) {
            int port = FIRST + JVM * PORTS_OF_A_JVM + RANDOM.nextInt(PORTS_OF_A_JVM);
            if (!GIVEN.add(port)) {
                continue;
            }
            try (ServerSocket socket = new ServerSocket(port)) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // Somebody has it: another one.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
