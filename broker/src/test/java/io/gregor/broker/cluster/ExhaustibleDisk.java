package io.gregor.broker.cluster;

import io.gregor.log.disk.Disk;
import io.gregor.log.disk.DiskFile;
import io.gregor.log.disk.RealDisk;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A real disk that runs out of space and file descriptors, and has some again later; or fails for good. What it refuses
 * to write it may have written in part. Nothing is really forced: the power stays on. Confined to the test's thread.
 */
final class ExhaustibleDisk {
    private static final Set<String> TAKES_ROOM = Set.of("write", "create", "open", "openFolder", "syncFolder");
    private static final Set<String> CHANGES = Set.of(
            "write",
            "create",
            "open",
            "openFolder",
            "syncFolder",
            "createFolder",
            "delete",
            "rename",
            "truncate",
            "force");
    private static final int NEVER = Integer.MAX_VALUE;

    private final Random random;
    private final Disk disk = wrap(Disk.class, new RealDisk());
    private int usesUntilExhausted = NEVER;
    private int changesUntilFailed = NEVER;

    ExhaustibleDisk(Random random) {
        this.random = random;
    }

    Disk disk() {
        return disk;
    }

    /** After so many uses nothing can be opened, made or written any more, until {@link #recover}. */
    void exhaustAfter(int uses) {
        usesUntilExhausted = uses;
    }

    void recover() {
        usesUntilExhausted = NEVER;
    }

    /** After so many changes each one fails, for good. */
    void failAfter(int changes) {
        changesUntilFailed = changes;
    }

    boolean hasFailed() {
        return changesUntilFailed <= 0;
    }

    private boolean isExhausted() {
        return usesUntilExhausted <= 0 && !hasFailed();
    }

    private <T> T wrap(Class<T> port, T target) {
        return port.cast(Proxy.newProxyInstance(
                port.getClassLoader(),
                new Class<?>[] {port},
                (proxy, method, arguments) -> call(target, method, arguments)));
    }

    private @Nullable Object call(Object target, Method method, Object[] arguments) throws Throwable {
        String name = method.getName();
        if (name.equals("isExhausted")) {
            return isExhausted();
        }
        if (isRefused(name)) {
            if (name.equals("write")) {
                writePart((DiskFile) target, (ByteBuffer) arguments[0], (long) arguments[1]);
            }
            throw new IOException("refused by the test: " + name);
        }
        if (name.equals("force")) {
            return null;
        }
        try {
            Object result = method.invoke(target, arguments);
            return result instanceof DiskFile file ? wrap(DiskFile.class, file) : result;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private boolean isRefused(String name) {
        boolean refused = false;
        if (CHANGES.contains(name) && changesUntilFailed != NEVER) {
            refused = changesUntilFailed <= 0;
            changesUntilFailed = Math.max(0, changesUntilFailed - 1);
        }
        if (TAKES_ROOM.contains(name) && usesUntilExhausted != NEVER) {
            refused |= usesUntilExhausted <= 0;
            usesUntilExhausted = Math.max(0, usesUntilExhausted - 1);
        }
        return refused;
    }

    private void writePart(DiskFile file, ByteBuffer from, long position) throws IOException {
        ByteBuffer part = from.duplicate();
        part.limit(part.position() + random.nextInt(part.remaining() + 1));
        file.write(part, position);
    }
}
