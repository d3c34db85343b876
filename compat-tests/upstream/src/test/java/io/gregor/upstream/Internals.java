package io.gregor.upstream;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mockito.Mockito;
import org.opentest4j.TestAbortedException;

/** Stand-ins for objects inside a server. What a process cannot answer is noted, and ends the test as aborted. */
final class Internals {
    private static final Set<String> TOUCHED = new TreeSet<>();

    private Internals() {}

    /** The answer to a call of one method. */
    interface Answer {
        @Nullable
        Object to(Object[] arguments) throws Exception;
    }

    /** @param path how a test gets there, {@code broker.replicaManager()}. */
    static <T> T standIn(Class<T> type, String path, Map<String, Answer> answers) {
        return Mockito.mock(type, Mockito.withSettings().stubOnly().defaultAnswer(invocation -> {
            Method method = invocation.getMethod();
            Answer answer = answers.get(method.getName());
            if (answer != null) {
                return answer.to(invocation.getArguments());
            }
            if (method.getName().equals("toString")) {
                return path;
            }
            if (method.getDeclaringClass().getName().equals("kafka.utils.Logging")) {
                return Mockito.RETURNS_DEFAULTS.answer(invocation);
            }
            throw unreachable(path + "." + method.getName());
        }));
    }

    static TestAbortedException unreachable(String what) {
        synchronized (TOUCHED) {
            TOUCHED.add(what);
        }
        return new TestAbortedException("needs broker internals: " + what);
    }

    /** What was asked for in vain since the last call: some tests swallow what is thrown. */
    static String takeTouched() {
        synchronized (TOUCHED) {
            String all = String.join(" ", TOUCHED);
            TOUCHED.clear();
            return all;
        }
    }
}
