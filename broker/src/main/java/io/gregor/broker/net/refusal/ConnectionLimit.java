package io.gregor.broker.net.refusal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many clients may be connected: a quarter of the process's file descriptors beyond those that are in use is kept
 * for the log, which must be able to open its files whatever clients do. Thread-safe. Where the operating system does
 * not say how many descriptors there are (anything but Linux), there is no limit.
 */
public final class ConnectionLimit {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimit.class);
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Path IN_USE = Path.of("/proc/self/fd");
    private static final String OPEN_FILES = "Max open files";

    private final long descriptors;
    private final IntSupplier others;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicBoolean told = new AtomicBoolean();

    /**
     * @param descriptors how many the process may have
     * @param others how many of them are in use now by anything but connections
     */
    ConnectionLimit(long descriptors, IntSupplier others) {
        this.descriptors = descriptors;
        this.others = others;
    }

    /**
     * Of this process, before any client is connected.
     *
     * @param openFiles how many files the log has open now
     */
    public static ConnectionLimit ofProcess(IntSupplier openFiles) {
        try (Stream<Path> inUse = Files.list(IN_USE)) {
            int base = (int) inUse.count() - openFiles.getAsInt();
            return new ConnectionLimit(limit(Files.readString(LIMITS)), () -> base + openFiles.getAsInt());
        } catch (IOException e) {
            LOG.debug("The operating system does not say how many file descriptors there are", e);
            return new ConnectionLimit(Long.MAX_VALUE, openFiles);
        }
    }

    /** What {@code /proc/self/limits} says: the name of the limit, then the soft and the hard one. */
    static long limit(String limits) {
        for (String line : limits.split("\n", -1)) {
            if (line.startsWith(OPEN_FILES)) {
                String soft = line.substring(OPEN_FILES.length()).trim().split(" ", 2)[0];
                return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
            }
        }
        return Long.MAX_VALUE;
    }

    /** Counts one more connection; false if it is one too many. */
    public boolean tryAdd() {
        long most = descriptors - descriptors / 4 - others.getAsInt();
        if (connections.incrementAndGet() <= most) {
            told.set(false);
            return true;
        }
        connections.decrementAndGet();
        if (told.compareAndSet(false, true)) {
            LOG.warn("Closing new connections: {} are open, and the log needs the other file descriptors", most);
        }
        return false;
    }

    /** A connection that was counted is closed. */
    public void remove() {
        connections.decrementAndGet();
    }
}
