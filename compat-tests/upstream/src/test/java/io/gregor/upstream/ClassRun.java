package io.gregor.upstream;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * The JVM that runs one test class: {@code ClassRun results.tsv class}. Writes an {@link Outcome} for each invocation.
 */
final class ClassRun implements TestExecutionListener {
    private final PrintWriter results;

    private ClassRun(PrintWriter results) {
        this.results = results;
    }

    public static void main(String[] arguments) throws IOException {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(arguments[1]))
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
                .configurationParameter("junit.jupiter.execution.timeout.testable.method.default", "180 s")
                .configurationParameter("junit.jupiter.execution.timeout.lifecycle.method.default", "180 s")
                .build();
        try (PrintWriter results = new PrintWriter(
                Files.newBufferedWriter(
                        Path.of(arguments[0]),
                        StandardCharsets.UTF_8,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND),
                true)) {
            LauncherFactory.create().execute(request, new ClassRun(results));
        }
        // Threads that a test has left behind must not keep this from ending.
        System.exit(0);
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        if (!reason.equals("runs with the other type")) {
            report(test, Outcome.Status.SKIPPED, reason);
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        String touched = Internals.takeTouched();
        Outcome.Status status = switch (result.getStatus()) {
            case SUCCESSFUL -> Outcome.Status.PASSED;
            case FAILED -> touched.isEmpty() ? Outcome.Status.FAILED : Outcome.Status.ABORTED;
            case ABORTED -> Outcome.Status.ABORTED;
        };
        if (test.isTest() || status != Outcome.Status.PASSED) {
            String reason = result.getThrowable().map(ClassRun::describe).orElse("");
            report(test, status, touched.isEmpty() ? reason : "needs broker internals: " + touched + " // " + reason);
        }
    }

    private void report(TestIdentifier test, Outcome.Status status, String reason) {
        Optional<MethodSource> method =
                test.getSource().filter(MethodSource.class::isInstance).map(MethodSource.class::cast);
        String name = method.map(source -> source.getClassName() + "#" + source.getMethodName())
                .orElse(test.getLegacyReportingName() + "#" + Outcome.WHOLE_CLASS);
        results.println(new Outcome(name, test.getDisplayName(), status, reason).toLine());
    }

    private static String describe(Throwable thrown) {
        StringBuilder all = new StringBuilder();
        for (Throwable cause = thrown; cause != null && all.length() < 3_000; cause = cause.getCause()) {
            all.append(all.isEmpty() ? "" : " // ")
                    .append(cause.getClass().getSimpleName())
                    .append(": ")
                    .append(cause.getMessage());
            for (StackTraceElement frame : cause.getStackTrace()) {
                if (frame.getClassName().contains("Test")
                        && !frame.getClassName().contains("TestUtils")) {
                    all.append(" at ").append(frame);
                    break;
                }
            }
        }
        return all.toString();
    }
}
