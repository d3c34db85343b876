package io.gregor.broker.storage;

import io.gregor.log.disk.Disk;
import io.gregor.log.disk.DiskFile;
import io.gregor.log.disk.RealDisk;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A real disk that notes each operation as "operation path", and fails those that a test does not want. */
final class DiskOperations {
    private final List<String> seen = new ArrayList<>();
    private String refused = "nothing";
    private final Disk disk = wrap(Disk.class, new RealDisk(), "");

    Disk disk() {
        return disk;
    }

    /** Operations with a path that contains this text fail. */
    void refuse(String text) {
        refused = text;
    }

    /** All so far, in order. */
    List<String> seen() {
        return seen;
    }

    private <T> T wrap(Class<T> port, T target, String opened) {
        return port.cast(Proxy.newProxyInstance(
                port.getClassLoader(),
                new Class<?>[] {port},
                (proxy, method, arguments) -> call(target, method, arguments, opened)));
    }

    private Object call(Object target, Method method, Object[] arguments, String opened) throws Throwable {
        Path path = arguments != null && arguments[0] instanceof Path given ? given : null;
        String where = path == null ? opened : String.valueOf(path.getFileName());
        seen.add(method.getName() + " " + where);
        if (where.contains(refused)
                && !method.getName().equals("exists")
                && !method.getName().equals("delete")) {
            throw new IOException("refused by the test");
        }
        try {
            Object result = method.invoke(target, arguments);
            return result instanceof DiskFile file ? wrap(DiskFile.class, file, Objects.requireNonNull(where)) : result;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
