package io.gregor.compat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.utils.Exit;

/** One of Apache Kafka's tools in this JVM, which is much quicker than one of its own. Not for several threads. */
public final class ToolHere {
    private ToolHere() {}

    /** Thrown where the tool would end the JVM. What it prints when it catches that does not count. */
    private static final class Ended extends RuntimeException {
        Ended() {
            super(null, null, false, false);
        }
    }

    /** What the tool prints, and its status in a last line. */
    public static String run(String mainClass, String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        AtomicReference<String> whenEnded = new AtomicReference<>();
        Exit.Procedure end = (status, message) -> {
            whenEnded.compareAndSet(null, printed.toString(StandardCharsets.UTF_8) + "status " + status);
            throw new Ended();
        };
        Exit.setExitProcedure(end);
        Exit.setHaltProcedure(end);
        try (PrintStream captured = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(captured);
            System.setErr(captured);
            // A tool written in Scala prints to where the console was when it was first used.
            scala.Console.withOut(captured, () -> {
                main(mainClass, arguments);
                return null;
            });
            whenEnded.compareAndSet(null, printed.toString(StandardCharsets.UTF_8) + "status 0");
        } finally {
            System.setOut(out);
            System.setErr(err);
            Exit.resetExitProcedure();
            Exit.resetHaltProcedure();
        }
        return whenEnded.get();
    }

    private static void main(String mainClass, String[] arguments) {
        try {
            Class.forName(mainClass).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof Ended)) {
                throw new IllegalStateException(mainClass + " failed", e.getCause());
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
