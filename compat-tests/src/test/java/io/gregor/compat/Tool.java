package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program and takes what it prints. */
public record Tool(List<String> command) {
    private static final long LONGEST_SECONDS = 120;

    public record Result(int status, String out) {
        public Result assertOk() {
            assertThat(status).as(out).isZero();
            return this;
        }
    }

    /** One of Apache Kafka's tools, by its main class. */
    public static Tool kafka(String mainClass, Object... arguments) {
        return java("256m", mainClass, arguments);
    }

    /** A program of the tests' class path, with that much heap. */
    public static Tool java(String heap, String mainClass, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                mainClass));
        all.addAll(List.of(arguments));
        return of(Path.of(System.getProperty("java.home"), "bin", "java"), all.toArray());
    }

    public static Tool of(Path program, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new Tool(command);
    }

    /** A program that must be installed. Where it is missing the test is left out; in CI it fails. */
    public static Tool installed(String program, Object... arguments) {
        return of(Missing.find(program), arguments);
    }

    /** A Python script with its arguments, and the clients for Python. As for a program that must be installed. */
    public static Tool python(String script, Object... arguments) throws IOException, InterruptedException {
        List<Object> all = new ArrayList<>(
                List.of(PythonEnvironment.SCRIPTS.resolve(script).toAbsolutePath()));
        all.addAll(List.of(arguments));
        return of(PythonEnvironment.interpreter(), all.toArray());
    }

    public Result run() throws IOException, InterruptedException {
        return run("");
    }

    public Result run(String input) throws IOException, InterruptedException {
        Path out = Files.createTempFile("tool", ".out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        boolean ended = process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        String text = Files.readString(out);
        Files.delete(out);
        assertThat(ended)
                .as("ended in time: " + command.get(command.size() - 1) + "\n" + text)
                .isTrue();
        return new Result(process.exitValue(), text);
    }
}
