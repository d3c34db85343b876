package io.gregor.broker.replica;

import io.gregor.log.disk.Disk;
import io.gregor.log.disk.DiskFile;
import io.gregor.log.disk.RealDisk;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A real disk whose segments can neither be written nor forced while a test wants that. Confined to its thread. */
public final class FailingDisk {
    /** What operations throw. */
    public enum Failure {
        /** An IOException; the log directory stays online after a write, not after a flush. */
        DISK,
        /** What no disk should throw. */
        UNEXPECTED
    }

    private @Nullable Failure write;
    private @Nullable Failure force;
    private final Disk disk = wrap(Disk.class, new RealDisk(), "");

    public Disk disk() {
        return disk;
    }

    /** From now on; null for none. */
    public void failWrites(@Nullable Failure failure) {
        write = failure;
    }

    /** From now on; null for none. */
    public void failFlushes(@Nullable Failure failure) {
        force = failure;
    }

    private <T> T wrap(Class<T> port, T target, String opened) {
        return port.cast(Proxy.newProxyInstance(
                port.getClassLoader(),
                new Class<?>[] {port},
                (proxy, method, arguments) -> call(target, method, arguments, opened)));
    }

    private Object call(Object target, Method method, Object[] arguments, String opened) throws Throwable {
        if (opened.endsWith(".log")) {
            switch (method.getName()) {
                case "write" -> check(write);
                case "force" -> check(force);
                default -> {}
            }
        }
        try {
            Object result = method.invoke(target, arguments);
            return result instanceof DiskFile file
                    ? wrap(DiskFile.class, file, String.valueOf(((Path) arguments[0]).getFileName()))
                    : result;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static void check(@Nullable Failure failure) throws IOException {
        if (failure == Failure.DISK) {
            throw new IOException("refused by the test");
        }
        if (failure == Failure.UNEXPECTED) {
            throw new IllegalStateException("thrown by the test");
        }
    }
}
